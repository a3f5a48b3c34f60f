"""Codes nobody knows are counted, over processes, and counting never fails an answer."""

from __future__ import annotations

from sqlalchemy import Engine

from peyk.store.engine import make_engine
from peyk.store.prune import UNKNOWN_TTL, prune
from peyk.store.unknown_codes import CODE_CHARS, WORDS_CHARS, StoredUnknownCodes
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW, FakeClock


def test_each_code_is_counted_with_its_last_words(engine: Engine, clock: FakeClock) -> None:
    codes = StoredUnknownCodes(engine, clock)
    codes.count("dhl", "ZZ", "first")
    clock.advance(hours=1)
    codes.count("dhl", "ZZ", "last")
    codes.count("fedex", "ZZ", "other")
    found = codes.all()
    assert [(each.system, each.code, each.words, each.times) for each in found] == [
        ("dhl", "ZZ", "last", 2),
        ("fedex", "ZZ", "other", 1),
    ]
    assert (found[0].last_at - NOW).total_seconds() == 3600


def test_none_is_lost_when_many_count_at_once(engine: Engine, clock: FakeClock) -> None:
    codes = StoredUnknownCodes(engine, clock)
    in_parallel(lambda _: codes.count("dhl", "ZZ", ""))
    (only,) = codes.all()
    assert only.times >= 8


def test_an_answer_gone_wrong_fills_no_table(engine: Engine, clock: FakeClock) -> None:
    codes = StoredUnknownCodes(engine, clock)
    codes.count("dhl", "x" * 10_000, "y" * 10_000)
    (only,) = codes.all()
    assert (len(only.code), len(only.words)) == (CODE_CHARS, WORDS_CHARS)


def test_what_has_not_come_for_a_season_is_forgotten(engine: Engine, clock: FakeClock) -> None:
    codes = StoredUnknownCodes(engine, clock)
    codes.count("dhl", "ZZ", "old words")
    clock.advance(days=1)
    codes.count("fedex", "YY", "")
    prune(engine, NOW + UNKNOWN_TTL)
    assert [each.system for each in codes.all()] == ["fedex"]


def test_a_store_that_is_away_stops_nobody(clock: FakeClock) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    StoredUnknownCodes(away, clock).count("dhl", "ZZ", "")
    away.dispose()
