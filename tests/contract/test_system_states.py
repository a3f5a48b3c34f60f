"""Which systems are held off is known to all processes, and noting it fails no answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.adapters._guard import Guard
from peyk.adapters.clock import SystemClock
from peyk.errors import Unavailable
from peyk.store.engine import make_engine
from peyk.store.system_states import StoredSystemStates
from tests.unit.services.fakes import NOW, FakeClock

MINUTE = timedelta(minutes=1)


def test_what_one_process_notes_another_reads(engine: Engine, clock: FakeClock) -> None:
    here, there = StoredSystemStates(engine, clock), StoredSystemStates(engine, clock)
    there._process = "another:1"
    here.hold_off("tipax", "unavailable", NOW, NOW + MINUTE)
    there.hold_off("tipax", "rate_limited", NOW, NOW + 2 * MINUTE)
    there.hold_off("shop", "unavailable", NOW, NOW + MINUTE)
    assert [(each.system, each.kind) for each in here.held_off() if each.process == "another:1"] == [
        ("shop", "unavailable"),
        ("tipax", "rate_limited"),
    ]
    there.let_in("tipax")
    assert sorted(each.system for each in here.held_off()) == ["shop", "tipax"]


def test_it_is_over_by_itself_and_may_begin_again(engine: Engine, clock: FakeClock) -> None:
    states = StoredSystemStates(engine, clock)
    states.hold_off("tipax", "unavailable", NOW, NOW + MINUTE)
    clock.advance(minutes=1)
    assert states.held_off() == []
    states.hold_off("tipax", "rate_limited", clock.now(), clock.now() + MINUTE)
    (only,) = states.held_off()
    assert (only.kind, only.since, only.until) == ("rate_limited", NOW + MINUTE, NOW + 2 * MINUTE)


def test_a_guard_notes_what_it_does(engine: Engine) -> None:
    states = StoredSystemStates(engine, SystemClock())
    guard = Guard("tipax", deadline_s=5, failures=1, reset_s=3600, states=states)

    def down() -> None:
        raise Unavailable("tipax")

    with pytest.raises(Unavailable):
        guard.call(down)
    (only,) = states.held_off()
    assert (only.system, only.kind, only.until - only.since) == ("tipax", "unavailable", timedelta(hours=1))


def test_a_store_that_is_away_stops_nobody(clock: FakeClock) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    states = StoredSystemStates(away, clock)
    states.hold_off("tipax", "unavailable", NOW, NOW + MINUTE)
    states.let_in("tipax")
    with pytest.raises(Unavailable):
        states.held_off()
    away.dispose()
