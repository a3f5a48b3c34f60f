"""Where channels that push find their customers, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.ports.addresses import Address
from peyk.ports.journal import CustomerMessage
from peyk.store.addresses import SEEN_EVERY, StoredAddresses
from peyk.store.engine import make_engine
from peyk.store.journal import StoredJournal
from peyk.store.prune import CONVERSATION_TTL, prune
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

MOMENT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def book(engine: Engine) -> StoredAddresses:
    return StoredAddresses(engine)


def arrived(book: StoredAddresses, here: str = "c1", address: str = "5001", after: timedelta = timedelta()) -> Address:
    return book.arrived("telegram", here, address, NOW + after)


def test_who_has_written_is_known(book: StoredAddresses) -> None:
    assert book.find("c1") is None
    assert arrived(book) == Address("c1", "5001")
    assert book.find("c1") == Address("c1", "5001")
    assert arrived(book, address="7") == Address("c1", "7")
    assert book.find("c1") == Address("c1", "7")


def test_who_is_gone_is_gone_once_until_the_customer_writes(book: StoredAddresses) -> None:
    arrived(book)
    assert book.gone("c1", NOW)
    assert not book.gone("c1", NOW + MINUTE)
    assert book.find("c1") == Address("c1", "5001", NOW)
    arrived(book)
    assert book.find("c1") == Address("c1", "5001")
    assert book.gone("c1", NOW + MINUTE)
    assert not book.gone("unknown", NOW)


def test_of_several_who_notice_one_is_first(engine: Engine, book: StoredAddresses) -> None:
    arrived(book)
    engines = [make_engine(engine.url.render_as_string(hide_password=False)) for _ in range(8)]
    assert sum(bool(found) for found in in_parallel(lambda index: StoredAddresses(engines[index]).gone("c1", NOW))) == 1
    for each in engines:
        each.dispose()


def test_what_was_asked_is_remembered_for_a_day(book: StoredAddresses) -> None:
    arrived(book)
    book.ask("c1", "TS-104233")
    assert arrived(book, after=SEEN_EVERY - MOMENT).asked_for == "TS-104233"
    assert arrived(book, after=SEEN_EVERY).asked_for is None
    assert arrived(book, after=SEEN_EVERY).asked_for is None
    book.ask("c1", "")
    assert arrived(book, after=SEEN_EVERY).asked_for == ""
    book.ask("c1", None)
    assert arrived(book, after=SEEN_EVERY).asked_for is None


def test_what_is_told_once_is_told(book: StoredAddresses) -> None:
    assert not arrived(book).told
    book.tell("c1", NOW)
    assert arrived(book, after=10 * SEEN_EVERY).told
    assert not arrived(book, "c2").told


class TestClaim:
    def test_one_at_a_time(self, book: StoredAddresses) -> None:
        arrived(book)
        assert book.claim("c1", "a", now=NOW, until=NOW + MINUTE)
        assert not book.claim("c1", "b", now=NOW, until=NOW + MINUTE)
        assert book.claim("c1", "a", now=NOW, until=NOW + 2 * MINUTE)
        assert not book.claim("c1", "b", now=NOW + MINUTE, until=NOW + 3 * MINUTE)
        assert book.claim("c1", "b", now=NOW + 2 * MINUTE, until=NOW + 3 * MINUTE)

    def test_only_who_has_it_gives_it_back(self, book: StoredAddresses) -> None:
        arrived(book)
        book.claim("c1", "a", now=NOW, until=NOW + MINUTE)
        book.release("c1", "b")
        assert not book.claim("c1", "b", now=NOW, until=NOW + MINUTE)
        book.release("c1", "a")
        assert book.claim("c1", "b", now=NOW, until=NOW + MINUTE)

    def test_nobody_has_what_is_unknown(self, book: StoredAddresses) -> None:
        assert not book.claim("c1", "a", now=NOW, until=NOW + MINUTE)

    def test_of_several_at_once_one_has_it(self, engine: Engine, book: StoredAddresses) -> None:
        arrived(book)
        engines = [make_engine(engine.url.render_as_string(hide_password=False)) for _ in range(8)]

        def claim(index: int) -> bool:
            return StoredAddresses(engines[index]).claim("c1", str(index), now=NOW, until=NOW + MINUTE)

        assert sum(bool(found) for found in in_parallel(claim)) == 1
        for each in engines:
            each.dispose()


def test_it_is_forgotten_with_the_conversation(engine: Engine, book: StoredAddresses) -> None:
    arrived(book)
    arrived(book, "group")
    StoredJournal(engine).accept("c1", "telegram", CustomerMessage("m", "hello"), language=None, now=NOW + MINUTE)
    prune(engine, NOW + CONVERSATION_TTL - MOMENT)
    assert book.find("group")
    prune(engine, NOW + CONVERSATION_TTL)
    assert book.find("group") is None
    assert book.find("c1")
    prune(engine, NOW + CONVERSATION_TTL + MINUTE)
    assert book.find("c1") is None
