"""Office hours: the Iranian week, its holidays, and working time reckoned across them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyk.domain.office_hours import FRIDAY, IRANIAN_WEEK, SATURDAY, OfficeHours, Span

TEHRAN = ZoneInfo("Asia/Tehran")
# A Tuesday in the shop's week.
HOLIDAY = date(2026, 11, 24)
HOURS = OfficeHours(IRANIAN_WEEK, frozenset({HOLIDAY}), TEHRAN)
HOUR = timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 on Tehran's clock; the 21st is a Saturday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(21, 9), True),
        (at(21, 8, 59), False),
        (at(21, 16, 59), True),
        (at(21, 17), False),
        (at(26, 12, 59), True),
        (at(26, 13), False),
        (at(27, 11), False),
        (at(24, 11), False),
    ],
    ids=["opens", "not yet", "still", "closed", "thursday", "thursday afternoon", "friday", "holiday"],
)
def test_who_is_there(moment: datetime, is_open: bool) -> None:
    assert HOURS.is_open(moment) is is_open
    assert HOURS.is_open(moment.astimezone(UTC)) is is_open
    assert (HOURS.next_opening(moment) == moment) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (at(21, 7), at(21, 9)),
        (at(21, 17), at(22, 9)),
        (at(26, 13), at(28, 9)),
        (at(27, 3), at(28, 9)),
        (at(23, 20), at(25, 9)),
    ],
    ids=["the same day", "the next day", "over friday", "on friday", "over a holiday"],
)
def test_when_somebody_is_there_again(moment: datetime, opens: datetime) -> None:
    assert HOURS.next_opening(moment) == opens
    assert HOURS.next_opening(moment).tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (at(21, 10), 2, at(21, 12)),
        (at(21, 16), 2, at(22, 10)),
        (at(26, 12), 2, at(28, 10)),
        (at(27, 10), 1, at(28, 10)),
        (at(23, 16), 2, at(25, 10)),
        (at(21, 16), 1, at(21, 17)),
        (at(25, 16), 1 + 4 + 8, at(28, 17)),
        (at(21, 20), 0, at(22, 9)),
        (at(21, 10), 0, at(21, 10)),
    ],
    ids=[
        "within a day",
        "overnight",
        "over friday",
        "begun on friday",
        "over a holiday",
        "just to the end",
        "over the week's end",
        "nothing, begun at night",
        "nothing",
    ],
)
def test_when_working_time_is_over(start: datetime, hours: int, due: datetime) -> None:
    assert HOURS.add_working(start, hours * HOUR) == due
    assert HOURS.working_between(start, due) == hours * HOUR


def test_time_that_runs_backwards_is_none() -> None:
    assert HOURS.working_between(at(22, 12), at(21, 12)) == timedelta()
    with pytest.raises(ValueError, match="not taken back"):
        HOURS.add_working(at(21, 12), -HOUR)


def test_tehrans_clock_does_not_change_in_spring() -> None:
    """Iran put its clocks forward on 22 March until 2022; now the day before and after are alike."""
    hours = OfficeHours(IRANIAN_WEEK, frozenset(), TEHRAN)
    start = datetime(2027, 3, 20, 16, tzinfo=TEHRAN)
    assert hours.add_working(start, 17 * HOUR) == datetime(2027, 3, 22, 17, tzinfo=TEHRAN)
    assert hours.working_between(start, datetime(2027, 3, 24, 9, tzinfo=TEHRAN)) == 25 * HOUR


def test_a_clock_that_does_change_takes_no_hour_away() -> None:
    night = OfficeHours(dict.fromkeys(range(7), ((time(0), time(0)),)), frozenset(), ZoneInfo("Europe/Berlin"))
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert night.add_working(start, 24 * HOUR) == start + 24 * HOUR


@pytest.mark.parametrize(
    "spans",
    [
        ((time(10), time(9)),),
        ((time(9), time(9)),),
        ((time(9), time(13)), (time(12), time(17))),
        ((time(14), time(17)), (time(9), time(12))),
        ((time(9), time(0)), (time(9), time(12))),
    ],
)
def test_hours_that_cannot_be(spans: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match="hours"):
        OfficeHours({SATURDAY: spans}, frozenset(), TEHRAN)


@pytest.mark.parametrize("week", [{}, {FRIDAY: ()}])
def test_somebody_must_be_there_at_some_time(week: dict[int, tuple[Span, ...]]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        OfficeHours(week, frozenset(), TEHRAN)


def test_there_are_seven_days() -> None:
    with pytest.raises(ValueError, match="day of the week"):
        OfficeHours({7: ((time(9), time(12)),)}, frozenset(), TEHRAN)


FIRST = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 600 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
clocks = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def plans(draw: st.DrawFn) -> OfficeHours:
    """Weeks with up to two spans a day, and some holidays."""
    week = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        edges = sorted(draw(st.sets(clocks, min_size=2, max_size=4)))
        week[day] = tuple(zip(edges[::2], edges[1::2], strict=False))
    holidays = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2027, 8, 1)), max_size=20))
    zone = draw(st.sampled_from([TEHRAN, ZoneInfo("Europe/Berlin"), UTC]))
    return OfficeHours(week, holidays, zone)


@given(plans(), moments, st.integers(0, 5000))
def test_what_is_added_lies_between(hours: OfficeHours, start: datetime, minutes: int) -> None:
    duration = timedelta(minutes=minutes)
    due = hours.add_working(start, duration)
    assert due >= start
    assert hours.working_between(start, due) == duration
    assert hours.working_between(start, due - timedelta(seconds=1)) < max(duration, timedelta(microseconds=1))


@given(plans(), moments, moments, moments)
def test_working_time_adds_up(hours: OfficeHours, one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    whole = hours.working_between(first, last)
    assert whole == hours.working_between(first, middle) + hours.working_between(middle, last)
    assert timedelta() <= whole <= last - first


@given(plans(), moments)
def test_before_the_next_opening_nobody_is_there(hours: OfficeHours, moment: datetime) -> None:
    opens = hours.next_opening(moment)
    assert hours.is_open(opens)
    assert hours.working_between(moment, opens) == timedelta()
    assert hours.is_open(moment) is (opens == moment)
