"""What the REST channel and its webhooks keep is forgotten in its time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, Table, func, select

from peyk.store.engine import reading
from peyk.store.journal import StoredJournal
from peyk.store.prune import CONVERSATION_TTL, DONE_TTL, ENTRY_TTL, prune
from peyk.store.rest import KEY_TTL, StoredRestBook
from peyk.store.tables import idempotency_keys, rest_senders, webhook_outbox
from peyk.store.webhook_outbox import StoredWebhookOutbox
from tests.contract.journals import accept
from tests.contract.webhook_steps import due, said, sender, subscribe
from tests.unit.services.fakes import NOW

MOMENT = timedelta(microseconds=1)


def left(engine: Engine, table: Table) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_idempotency_keys(engine: Engine) -> None:
    StoredRestBook(engine).claim("key:1", "k", "f", NOW)
    prune(engine, NOW + KEY_TTL - MOMENT)
    assert left(engine, idempotency_keys) == 1
    prune(engine, NOW + KEY_TTL)
    assert left(engine, idempotency_keys) == 0


def test_what_was_told_and_what_was_never_told(engine: Engine) -> None:
    outbox = StoredWebhookOutbox(engine)
    subscribe(engine)
    sender(engine)
    outbox.put(said(1), NOW)
    outbox.put(said(2), NOW)
    outbox.delivered(due(outbox)[0], NOW)
    for after, rows in ((DONE_TTL - MOMENT, 2), (DONE_TTL, 1), (ENTRY_TTL - MOMENT, 1), (ENTRY_TTL, 0)):
        prune(engine, NOW + after)
        assert left(engine, webhook_outbox) == rows


def test_a_sender_is_known_as_long_as_its_conversation(engine: Engine) -> None:
    sender(engine, "c1")
    sender(engine, "c2")
    accept(StoredJournal(engine), "m1", here="c1", after=timedelta(days=1))
    prune(engine, NOW + CONVERSATION_TTL)
    assert left(engine, rest_senders) == 1
    prune(engine, NOW + CONVERSATION_TTL + timedelta(days=1))
    assert left(engine, rest_senders) == 0
