"""A vendor's limits are kept before it has to remind us: in a process, and over processes with Redis.

Who may wait for a turn waits in a time of the test's own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select

from peyk.adapters._pace import Pace, UsedUp, patience_s
from peyk.errors import RateLimited, SettingsError
from peyk.store.engine import make_engine, reading
from peyk.store.limits import StoredLimiter
from peyk.store.prune import prune
from peyk.store.tables import limit_hits
from tests.unit.services.fakes import FakeClock


class Hours:
    """Time that passes only while somebody sleeps; `meanwhile` is what others do then."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0
        self.naps: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def time(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now_s += seconds
        self.meanwhile()


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    made = Hours()
    # The library asks the machine what time it is, and takes no other clock.
    monkeypatch.setattr("limits.storage.memory.time", made)
    return made


def waiting(hours: Hours, limits: str, wait_s: float = 2.0) -> Pace:
    return Pace("dhl", limits, wait_s=wait_s, sleep=hours.sleep, now=hours.time)


def test_one_in_a_window_and_then_the_wait() -> None:
    pace = Pace("dhl", "1/5 second; 250/day")
    pace.take()
    with pytest.raises(RateLimited) as caught:
        pace.take()
    assert caught.value.system == "dhl"
    assert caught.value.retry_after_s is not None
    assert 1 <= caught.value.retry_after_s <= 6


def test_no_limits_are_no_limits() -> None:
    pace = Pace("post", "")
    for _ in range(100):
        pace.take()


def test_a_used_up_day_tells_when_the_next_place_is_free() -> None:
    pace = Pace("dhl", "100/second; 2/day")
    pace.take()
    pace.take()
    with pytest.raises(RateLimited) as caught:
        pace.take()
    assert caught.value.retry_after_s is not None
    assert caught.value.retry_after_s > 80_000


@pytest.mark.parametrize("limits", ["often", "1 per moon", "-1/second"])
def test_limits_that_are_none_are_refused_in_one_line(limits: str) -> None:
    with pytest.raises(SettingsError, match="1/5 second"):
        Pace("dhl", limits)


def test_processes_share_one_count_in_redis(redis_url: str) -> None:
    system = f"dhl-{secrets.token_hex(6)}"
    first, second = (Pace(system, "1/minute", redis_url) for _ in range(2))
    first.take()
    with pytest.raises(RateLimited):
        second.take()


def test_without_redis_each_counts_for_itself() -> None:
    pace = Pace("dhl", "1/minute", "redis://127.0.0.1:1/0")
    pace.take()
    with pytest.raises(RateLimited):
        pace.take()


def test_a_turn_that_comes_soon_is_waited_for(hours: Hours) -> None:
    pace = waiting(hours, "1/5 second; 250/day")
    pace.take()
    hours.now_s += 3.5
    pace.take()
    assert hours.naps == [pytest.approx(1.5, abs=0.02)]


def test_a_turn_that_comes_late_is_refused_at_once_with_its_wait(hours: Hours) -> None:
    pace = waiting(hours, "1/5 second")
    pace.take()
    hours.now_s += 2.5
    with pytest.raises(UsedUp) as caught:
        pace.take()
    assert caught.value.retry_after_s == 3
    assert hours.naps == []


def test_whose_place_others_take_waits_no_longer_than_the_bound(hours: Hours) -> None:
    pace = waiting(hours, "1/second")
    pace.take()

    def another() -> None:
        # Wakes up first, every time.
        hours.meanwhile, mine = (lambda: None), hours.meanwhile
        pace.take()
        hours.meanwhile = mine

    hours.meanwhile = another
    with pytest.raises(UsedUp):
        pace.take()
    assert sum(hours.naps) <= 2.0


def test_a_call_that_is_refused_spends_no_place_of_the_day(hours: Hours) -> None:
    pace = waiting(hours, "1/5 second; 2/day", wait_s=0)
    pace.take()
    for _ in range(10):
        with pytest.raises(UsedUp):
            pace.take()
    hours.now_s += 6
    pace.take()
    with pytest.raises(UsedUp) as caught:
        pace.take()
    assert (caught.value.retry_after_s or 0) > 80_000


@pytest.mark.parametrize(("deadline_s", "expected"), [(8.0, 2.0), (60.0, 2.0), (1.0, 0.25)])
def test_the_wait_is_a_small_part_of_the_deadline(deadline_s: float, expected: float) -> None:
    assert patience_s(deadline_s) == expected


def refused(pace: Pace) -> int:
    """Take a place that is not there; return the wait in seconds."""
    with pytest.raises(UsedUp) as caught:
        pace.take()
    return caught.value.retry_after_s or 0


@pytest.mark.parametrize("what", ["", "registrations"])
def test_all_processes_share_the_day_and_a_restart_does_not_begin_it_anew(
    engine: Engine, clock: FakeClock, what: str
) -> None:
    def started(limits: str = "3/day") -> Pace:
        return Pace("dhl", limits, what=what, limiter=StoredLimiter(engine, clock))

    first, second = started(), started()
    first.take()
    clock.advance(hours=20)
    second.take()
    first.take()
    assert refused(second) == refused(started()) == 4 * 3600
    # What is counted apart is another budget.
    Pace("dhl", "3/day", what="calls", limiter=StoredLimiter(engine, clock)).take()
    clock.advance(hours=4)
    started().take()


def test_the_store_is_asked_for_nothing_shorter_than_an_hour(engine: Engine, clock: FakeClock) -> None:
    pace = Pace("dhl", "1/5 second; 100/minute; 200/hour; 250/day", limiter=StoredLimiter(engine, clock))
    pace.take()
    for _ in range(5):
        refused(pace)
    with reading(engine) as connection:
        rows = connection.execute(select(limit_hits.c.scope, limit_hits.c.key).order_by(limit_hits.c.scope)).all()
    # And a call that was not made has spent nothing of the day.
    assert [tuple(row) for row in rows] == [("pace.3600", "dhl"), ("pace.86400", "dhl")]


def test_a_month_outlives_the_upkeep_of_the_store(engine: Engine, clock: FakeClock) -> None:
    pace = Pace("dhl", "1/month", limiter=StoredLimiter(engine, clock))
    pace.take()
    clock.advance(days=29)
    prune(engine, clock.now())
    assert refused(pace) == 24 * 3600
    clock.advance(days=1)
    pace.take()
    clock.advance(days=366)
    prune(engine, clock.now())
    with reading(engine) as connection:
        assert connection.execute(select(limit_hits)).all() == []


def test_while_the_store_is_away_each_counts_for_itself(clock: FakeClock) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    pace = Pace("dhl", "2/day", limiter=StoredLimiter(away, clock))
    pace.take()
    pace.take()
    assert refused(pace) > 80_000
    away.dispose()
