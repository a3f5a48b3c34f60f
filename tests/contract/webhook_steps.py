"""Steps of the suites about webhooks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Engine

from peyk.domain.api_keys import Scope, as_words
from peyk.domain.webhooks import SUBSCRIBABLE, Event, EventType, Subscription
from peyk.ports.rest import Delivery
from peyk.store.engine import insert_into, writing
from peyk.store.rest import StoredRestBook
from peyk.store.tables import api_keys
from peyk.store.webhook_outbox import StoredWebhookOutbox
from peyk.store.webhooks import StoredSubscriptions
from tests.unit.services.fakes import NOW

SHOP, OTHER = "key:shop", "key:other"
MINUTE = timedelta(minutes=1)


def key(engine: Engine, owner: str = SHOP, scopes: Collection[Scope] = (Scope.READ_CONVERSATIONS,)) -> None:
    """Let an owner be a key of these scopes."""
    row = {"id": owner.removeprefix("key:"), "name": "shop", "key_hash": "", "created_at": NOW}
    row |= {"scopes": as_words(scopes)}
    with writing(engine) as connection:
        statement = insert_into(connection, api_keys).values(row)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_={"scopes": statement.excluded.scopes})
        )


def subscribe(
    engine: Engine, name: str = "wh_1", owner: str = SHOP, events: frozenset[EventType] = frozenset(SUBSCRIBABLE)
) -> Subscription:
    key(engine, owner)
    made = Subscription(name, owner, f"https://shop.example/{name}", events, "salt", NOW)
    assert StoredSubscriptions(engine).add(made, at_most=10)
    return made


def sender(engine: Engine, here: str = "c1", owner: str = SHOP, name: str = "ali") -> None:
    StoredRestBook(engine).note_sender(here, owner, name, NOW)


def said(seq: int, here: str = "c1") -> Event:
    return Event(EventType.MESSAGE_CREATED, here, NOW, seq=seq)


def due(outbox: StoredWebhookOutbox, at: datetime = NOW, limit: int = 100, each: int = 100) -> list[Delivery]:
    return outbox.claim(at, limit=limit, busy={}, each=each)


def seqs(deliveries: list[Delivery]) -> list[tuple[str, int | None]]:
    return [(each.event.conversation_id, each.event.seq) for each in deliveries]
