"""A carrier that asks for a pause gets it, from every conversation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peyk.adapters._guard import Guard
from peyk.adapters._pace import Pace
from peyk.adapters._resilience import ResilientCarrier
from peyk.adapters.carriers._paced import PacedCarrier
from peyk.errors import RateLimited, Unavailable
from tests.unit.services.fakes import FakeCarrier, FakeClock, tracking

CODE, OTHER = "TRK-88392011", "TRK-88392012"


def refused(retry_after_s: int | None) -> RateLimited:
    error = RateLimited("post", "slow down")
    error.retry_after_s = retry_after_s
    return error


def paced(clock: FakeClock, inner: FakeCarrier) -> PacedCarrier:
    return PacedCarrier(inner, Pace("post", ""), clock)


def test_it_is_not_asked_while_the_pause_lasts() -> None:
    clock, inner = FakeClock(), FakeCarrier("post")
    carrier = paced(clock, inner)
    inner.answers[CODE] = refused(120)
    with pytest.raises(RateLimited):
        carrier.track(CODE)
    inner.answers[OTHER] = tracking()
    clock.advance(seconds=50)
    with pytest.raises(RateLimited) as caught:
        carrier.track(OTHER)
    assert caught.value.retry_after_s == 70
    clock.advance(seconds=70)
    assert carrier.track(OTHER) == tracking()


def test_a_pause_is_over_when_it_is_over() -> None:
    clock, inner = FakeClock(), FakeCarrier("post")
    guarded = ResilientCarrier(paced(clock, inner), Guard("post", deadline_s=5, failures=2, reset_s=3600))
    inner.answers[CODE], inner.answers[OTHER] = refused(10), tracking()
    for code in (CODE, OTHER, OTHER, OTHER):
        with pytest.raises(RateLimited):
            guarded.track(code)
    clock.advance(seconds=10)
    assert guarded.track(OTHER) == tracking()


def test_no_pause_is_longer_than_a_day() -> None:
    clock, inner = FakeClock(), FakeCarrier("post")
    carrier = paced(clock, inner)
    inner.answers[CODE], inner.answers[OTHER] = refused(10**9), tracking()
    with pytest.raises(RateLimited):
        carrier.track(CODE)
    clock.advance(days=1)
    assert carrier.track(OTHER) == tracking()


def test_without_a_word_how_long_each_refusal_doubles_the_pause() -> None:
    clock, inner = FakeClock(), FakeCarrier("post")
    carrier = paced(clock, inner)
    inner.answers[CODE] = refused(None)
    waits = []
    for _ in range(8):
        with pytest.raises(RateLimited):
            carrier.track(CODE)
        with pytest.raises(RateLimited) as caught:
            carrier.track(CODE)
        waits.append(caught.value.retry_after_s)
        clock.advance(seconds=waits[-1] or 0)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    inner.answers[CODE] = tracking()
    carrier.track(CODE)
    inner.answers[CODE] = refused(None)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            carrier.track(CODE)
    assert caught.value.retry_after_s == 1


def test_other_failures_ask_for_no_pause() -> None:
    inner = FakeCarrier("post")
    carrier = paced(FakeClock(), inner)
    inner.answers[CODE] = Unavailable("post")
    with pytest.raises(Unavailable):
        carrier.track(CODE)
    inner.answers[CODE] = tracking()
    assert carrier.track(CODE) == tracking()


class Slow(Pace):
    """A turn that is waited for; `meanwhile` is what others do then."""

    def __init__(self) -> None:
        super().__init__("post", "")
        self.meanwhile: list[Callable[[], None]] = []

    def take(self) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()


def test_a_pause_asked_for_while_a_turn_was_waited_for_is_kept() -> None:
    clock, inner, pace = FakeClock(), FakeCarrier("post"), Slow()
    carrier = PacedCarrier(inner, pace, clock)
    inner.answers[CODE], inner.answers[OTHER] = refused(120), tracking()

    def another_is_refused() -> None:
        with pytest.raises(RateLimited):
            carrier.track(CODE)

    pace.meanwhile.append(another_is_refused)
    with pytest.raises(RateLimited) as caught:
        carrier.track(OTHER)
    assert caught.value.retry_after_s == 120
