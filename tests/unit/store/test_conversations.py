"""What the edge keeps of conversations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from peyk.ports.edge import ConversationLog, Opened, Outcome, StoredReply
from peyk.store import conversations as module
from peyk.store.conversations import BUTTON_TTL, CONVERSATION_TTL, REPLY_TTL, Conversations
from peyk.store.engine import reading
from peyk.store.tables import conversations as table
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

REPLY = StoredReply(200, '[{"text": "سلام"}]')


@pytest.fixture
def log(engine: Engine) -> Conversations:
    return Conversations(engine)


def opened(
    log: ConversationLog,
    conversation: str = "c1",
    *,
    message: str | None = None,
    token: str | None = None,
    after: timedelta = timedelta(),
) -> Opened:
    return log.open(conversation, message_id=message, token=token, now=NOW + after)


def test_a_new_conversation_is_blank(log: Conversations) -> None:
    assert opened(log, message="m1", token="b:1") == Opened()


def test_the_language_stays_until_it_changes(log: Conversations) -> None:
    log.close("c1", Outcome(language="en"), NOW)
    log.close("c1", Outcome(), NOW)
    assert opened(log).language == "en"
    log.close("c1", Outcome(language="fa"), NOW)
    assert opened(log).language == "fa"
    assert opened(log, "c2").language is None


def test_a_button_works_in_its_own_conversation_until_it_expires(log: Conversations) -> None:
    log.close("c1", Outcome(buttons={"b:1": '/track_order{"order_id": "TS-104233"}', "b:2": "/stop"}), NOW)
    assert opened(log, token="b:1").payload == '/track_order{"order_id": "TS-104233"}'
    assert opened(log, token="b:2").payload == "/stop"
    assert opened(log, "c2", token="b:1").payload is None
    assert opened(log, token="b:3").payload is None
    assert opened(log, token="b:1", after=BUTTON_TTL - timedelta(seconds=1)).payload is not None
    assert opened(log, token="b:1", after=BUTTON_TTL).payload is None


def test_an_answer_is_kept_under_its_message(log: Conversations) -> None:
    log.close("c1", Outcome(message_id="m1", reply=REPLY), NOW)
    assert opened(log, message="m1").reply == REPLY
    assert opened(log, message="m2").reply is None
    assert opened(log, "c2", message="m1").reply is None
    assert opened(log, message="m1", after=REPLY_TTL).reply is None


def test_the_first_answer_stays_while_it_is_in_force(log: Conversations) -> None:
    late = StoredReply(429, "[]", 60)
    log.close("c1", Outcome(message_id="m1", reply=REPLY), NOW)
    log.close("c1", Outcome(message_id="m1", reply=late), NOW)
    assert opened(log, message="m1").reply == REPLY
    log.close("c1", Outcome(message_id="m1", reply=late), NOW + REPLY_TTL)
    assert opened(log, message="m1", after=REPLY_TTL).reply == late


def test_what_cannot_be_kept_whole_is_not_kept(log: Conversations, engine: Engine) -> None:
    log.close("c1", Outcome(buttons={"b:1": "/a"}), NOW)
    with pytest.raises(Exception, match="button_tokens"):
        log.close("c2", Outcome(language="en", buttons={"b:1": "/b"}), NOW)
    assert opened(log, "c2").language is None


def test_concurrent_messages_of_one_conversation_are_all_kept(log: Conversations) -> None:
    in_parallel(lambda i: log.close("c1", Outcome(message_id=f"m{i}", reply=REPLY, buttons={f"b:{i}": f"/{i}"}), NOW))
    assert [opened(log, message=f"m{i}").reply for i in range(8)] == [REPLY] * 8
    assert [opened(log, token=f"b:{i}").payload for i in range(8)] == [f"/{i}" for i in range(8)]


def test_pruning_drops_only_what_has_expired(log: Conversations, engine: Engine) -> None:
    log.close("old", Outcome(message_id="m", reply=REPLY, buttons={"b:old": "/old"}), NOW)
    later = NOW + CONVERSATION_TTL
    log.close("new", Outcome(message_id="m", reply=REPLY, buttons={"b:new": "/new"}), later)
    assert log.prune(later) == 3
    with reading(engine) as connection:
        assert connection.execute(select(table.c.id)).scalars().all() == ["new"]
    assert log.open("new", message_id="m", token="b:new", now=later) == Opened(reply=REPLY, payload="/new")


def test_pruning_happens_by_itself(log: Conversations, monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr(module, "PRUNE_EVERY", 3)
    log.close("old", Outcome(), NOW)
    log.close("new", Outcome(), NOW + CONVERSATION_TTL)
    log.close("new", Outcome(), NOW + CONVERSATION_TTL)
    with reading(engine) as connection:
        assert connection.execute(select(table.c.id)).scalars().all() == ["new"]


def test_a_sign_of_life(log: Conversations) -> None:
    log.ping()
