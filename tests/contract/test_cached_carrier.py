"""A carrier is not asked again while its last answer is fresh, and not at all more often than it allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.adapters._http import NotJson, Rejected
from peyk.adapters._pace import Pace
from peyk.adapters.carriers._cached import CachedCarrier
from peyk.adapters.carriers._paced import PacedCarrier
from peyk.domain.shipments import DeliveryStatus, Tracking
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet, RateLimited, Unavailable
from peyk.services.collect import Collector
from peyk.services.side_by_side import Deadline
from peyk.store.snapshots import StoredSnapshots
from tests.unit.services.fakes import RULES, FakeCarrier, FakeClock, FakePayments, order, tracking

CODE = "TRK-88392011"
FRESH = timedelta(minutes=45)


class Asked(FakeCarrier):
    """Counts how often it was asked, and answers as of now."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__("post")
        self.clock = clock
        self.times = 0

    def track(self, code: str) -> Tracking:
        self.times += 1
        return replace(super().track(code), as_of=self.clock.now())


@pytest.fixture
def asked(clock: FakeClock) -> Asked:
    carrier = Asked(clock)
    carrier.answers[CODE] = tracking()
    return carrier


@pytest.fixture
def snapshots(engine: Engine) -> StoredSnapshots:
    return StoredSnapshots(engine)


def test_a_fresh_answer_is_given_again_with_its_own_time(
    asked: Asked, snapshots: StoredSnapshots, clock: FakeClock
) -> None:
    cached = CachedCarrier(asked, snapshots, clock, FRESH)
    first = cached.track(CODE)
    snapshots.save(first)
    clock.advance(minutes=44)
    assert cached.track(CODE) == first
    assert asked.times == 1
    clock.advance(minutes=1)
    assert cached.track(CODE).as_of == clock.now()
    assert asked.times == 2


def test_what_is_delivered_stays_delivered_for_a_day(
    asked: Asked, snapshots: StoredSnapshots, clock: FakeClock
) -> None:
    asked.answers[CODE] = tracking(status=DeliveryStatus.DELIVERED)
    cached = CachedCarrier(asked, snapshots, clock, FRESH)
    snapshots.save(cached.track(CODE))
    clock.advance(hours=23)
    cached.track(CODE)
    assert asked.times == 1


def test_what_is_not_there_is_not_asked_for_again_at_once(
    asked: Asked, snapshots: StoredSnapshots, clock: FakeClock
) -> None:
    cached = CachedCarrier(asked, snapshots, clock, FRESH)
    for _ in range(3):
        with pytest.raises(NotFound):
            cached.track("TRK-00000000")
    clock.advance(minutes=9)
    with pytest.raises(NotFound):
        cached.track("TRK-00000000")
    assert asked.times == 1
    clock.advance(minutes=1)
    with pytest.raises(NotFound):
        cached.track("TRK-00000000")
    assert asked.times == 2


@pytest.mark.parametrize("error", [NotFound, NotYet])
def test_a_miss_is_kept_no_longer_than_ten_minutes_however_long_answers_are_fresh(
    asked: Asked, snapshots: StoredSnapshots, clock: FakeClock, error: type[ExternalError]
) -> None:
    for fresh, kept in ((timedelta(hours=3), timedelta(minutes=10)), (timedelta(minutes=2), timedelta(minutes=2))):
        cached = CachedCarrier(asked, snapshots, clock, fresh)
        asked.answers[CODE] = error("post")
        for _ in range(2):
            with pytest.raises(error):
                cached.track(CODE)
        clock.advance(seconds=kept.total_seconds())
        asked.answers[CODE] = tracking()
        assert cached.track(CODE) == replace(tracking(), as_of=clock.now())


def test_a_failure_is_not_remembered(asked: Asked, snapshots: StoredSnapshots, clock: FakeClock) -> None:
    cached = CachedCarrier(asked, snapshots, clock, FRESH)
    asked.answers[CODE] = Unavailable("post")
    for _ in range(2):
        with pytest.raises(Unavailable):
            cached.track(CODE)
    assert asked.times == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadAnswer("post", "no list of scans"), BadAnswer),
        (Rejected("post", "HTTP 422", 422), BadAnswer),
        (NotJson("post", 200), BadAnswer),
        (AccessRefused("post"), AccessRefused),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_what_cannot_be_read_is_not_asked_for_again_by_every_look(
    asked: Asked, snapshots: StoredSnapshots, clock: FakeClock, error: ExternalError, told: type[ExternalError]
) -> None:
    cached = CachedCarrier(asked, snapshots, clock, FRESH)
    asked.answers[CODE] = error
    # A card that is open looks every half minute.
    for _ in range(10):
        with pytest.raises(told) as caught:
            cached.track(CODE)
        assert caught.value.system == "post"
        clock.advance(seconds=30)
    assert asked.times == 1
    clock.advance(seconds=FRESH.total_seconds())
    asked.answers[CODE] = tracking()
    assert cached.track(CODE).status is tracking().status


def test_a_paced_carrier_is_asked_as_often_as_it_allows(asked: Asked) -> None:
    paced = PacedCarrier(asked, Pace("post", "1/minute"), FakeClock())
    paced.track(CODE)
    with pytest.raises(RateLimited):
        paced.track(CODE)
    assert asked.times == 1
    assert paced.recognises(CODE)


class Read(StoredSnapshots):
    """Counts how often what is kept is looked for."""

    times = 0

    def last(self, carrier: str, code: str) -> Tracking | None:
        self.times += 1
        return super().last(carrier, code)


def test_a_fresh_answer_is_read_once_and_not_kept_again(asked: Asked, engine: Engine, clock: FakeClock) -> None:
    read = Read(engine)
    cached = CachedCarrier(asked, read, clock, FRESH)
    collector = Collector({"post": cached}, FakePayments(), read, clock, RULES)
    collector.collect([order()], Deadline(5))
    clock.advance(minutes=44)
    read.times = 0
    (facts,) = collector.collect([order()], Deadline(5))
    assert (asked.times, read.times) == (1, 1)
    assert facts.as_of == clock.now() - timedelta(minutes=44)
    clock.advance(minutes=1)
    asked.answers[CODE] = Unavailable("post")
    (facts,) = collector.collect([order()], Deadline(5))
    assert facts.carrier_trouble == Unavailable.kind
