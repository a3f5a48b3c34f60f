"""The inbox on both databases: taken once, in the order of receipt, forgotten when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from peyk.ports.inbox import Received
from peyk.store.engine import make_engine, reading
from peyk.store.inbox import StoredInbox
from peyk.store.tables import inbox
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

HERE = "telegram"


@pytest.fixture
def box(engine: Engine) -> StoredInbox:
    return StoredInbox(engine)


@pytest.fixture
def boxes(engine: Engine) -> Iterator[list[StoredInbox]]:
    """The same inbox as eight processes have it."""
    engines = [make_engine(engine.url.render_as_string(hide_password=False)) for _ in range(8)]
    yield [StoredInbox(each) for each in engines]
    for each in engines:
        each.dispose()


def put(box: StoredInbox, key: str, said: object = "hello", *, channel: str = HERE, here: str = "c1") -> bool:
    return box.put(channel, Received(key, here, {"said": said}, NOW))


def keys(box: StoredInbox, channel: str = HERE, limit: int = 100) -> list[str]:
    return [received.key for received in box.open(channel, limit=limit)]


def test_a_key_is_taken_once(box: StoredInbox) -> None:
    assert put(box, "1", "first")
    assert not put(box, "1", "second")
    assert box.open(HERE, limit=9) == [Received("1", "c1", {"said": "first"}, NOW)]


def test_a_key_is_the_channels_own(box: StoredInbox) -> None:
    assert put(box, "1")
    assert put(box, "1", channel="other")
    box.done(HERE, "1", NOW)
    assert keys(box, "other") == ["1"]


def test_a_key_that_is_done_is_not_taken_again(box: StoredInbox) -> None:
    put(box, "1")
    box.done(HERE, "1", NOW)
    assert not put(box, "1")
    assert keys(box) == []


def test_it_is_in_the_order_of_receipt(box: StoredInbox) -> None:
    for key in ("9", "10", "1", "5"):
        put(box, key)
    box.put(HERE, Received("early", "c2", {}, NOW - timedelta(days=1)))
    box.done(HERE, "10", NOW)
    assert keys(box) == ["9", "1", "5", "early"]
    assert keys(box, limit=2) == ["9", "1"]


def test_what_is_done_says_nothing_any_more(engine: Engine, box: StoredInbox) -> None:
    put(box, "1", "09121234567")
    put(box, "2", "stays")
    box.done(HERE, "1", NOW + timedelta(hours=1))
    with reading(engine) as connection:
        done, waits = connection.execute(select(inbox.c.body, inbox.c.done_at).order_by(inbox.c.id)).all()
    assert tuple(done) == ("{}", NOW + timedelta(hours=1))
    assert "stays" in waits.body
    assert waits.done_at is None


@pytest.mark.parametrize("said", ["a\x00b", "\ud83d", "👩‍👩‍👧", "'; DROP TABLE inbox; --", {"x": [1, None, 2.5]}])
def test_whatever_came_is_kept_as_it_was(box: StoredInbox, said: object) -> None:
    put(box, "1", said)
    assert box.open(HERE, limit=1)[0].body == {"said": said}


def test_of_the_same_key_at_once_one_is_taken(boxes: list[StoredInbox]) -> None:
    taken = in_parallel(lambda index: [put(boxes[index], str(number), index) for number in range(5)])
    assert [sum(each) for each in zip(*taken, strict=True)] == [1] * 5
    assert sorted(keys(boxes[0])) == list("01234")


def test_what_is_unknown_can_be_done(box: StoredInbox) -> None:
    box.done(HERE, "nobody", NOW)
    assert keys(box) == []
