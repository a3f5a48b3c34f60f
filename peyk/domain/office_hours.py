"""When the shop's people are there, and how much of their time lies between two moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType

Span = tuple[time, time]
MIDNIGHT = time(0)
# `date.weekday()` counts from Monday.
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
_FULL, _HALF = ((time(9), time(17)),), ((time(9), time(13)),)
# Friday is the day of rest.
IRANIAN_WEEK: Mapping[int, tuple[Span, ...]] = MappingProxyType(
    {**dict.fromkeys((SATURDAY, SUNDAY, MONDAY, TUESDAY, WEDNESDAY), _FULL), THURSDAY: _HALF}
)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The hours of a week by `date.weekday()` (a day that is missing is closed), and the days without any.

    A span ends before its second time; 00:00 as an end is the end of the day. Hours are those of `timezone`'s clock;
    what goes in is any aware moment, what comes out is UTC. Raises ValueError for a week that is never open, spans
    that are empty, out of order or overlap.
    """

    weekly: Mapping[int, tuple[Span, ...]]
    holidays: frozenset[date]
    timezone: tzinfo

    def __post_init__(self) -> None:
        if not any(self.weekly.values()):
            raise ValueError("office hours need at least one open hour a week")
        if not set(self.weekly) <= set(range(7)):
            raise ValueError("a day of the week is a number from 0, Monday, to 6, Sunday")
        for spans in self.weekly.values():
            _check(spans)

    def is_open(self, at: datetime) -> bool:
        """Tell whether somebody is there at a moment."""
        return any(opens <= at < closes for opens, closes in self._day(at.astimezone(self.timezone).date()))

    def next_opening(self, at: datetime) -> datetime:
        """Return when somebody is there: the moment itself when it is open."""
        opens, _ = next(self._spans(at))
        return max(opens, at.astimezone(UTC))

    def add_working(self, start: datetime, duration: timedelta) -> datetime:
        """Return the moment at which `duration` of open time has passed since `start`.

        With nothing to add it is `start`, or the next opening. Raises ValueError for a negative duration.
        """
        if duration < timedelta():
            raise ValueError("working time is not taken back")
        left = duration
        for opens, closes in self._spans(start):
            begins = max(opens, start.astimezone(UTC))
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        raise AssertionError("the week repeats for ever")  # pragma: no cover

    def working_between(self, earlier: datetime, later: datetime) -> timedelta:
        """Return how much open time lies between two moments; none when `later` is the earlier one."""
        start, end = earlier.astimezone(UTC), later.astimezone(UTC)
        total = timedelta()
        if end <= start:
            return total
        for opens, closes in self._spans(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total

    def _spans(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give every span that ends after a moment, for ever, in UTC."""
        day = since.astimezone(self.timezone).date()
        while True:
            for opens, closes in self._day(day):
                if closes > since:
                    yield opens, closes
            day += timedelta(days=1)

    def _day(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self.holidays:
            return
        for opens, closes in self.weekly.get(day.weekday(), ()):
            ends_on = day + timedelta(days=1) if closes == MIDNIGHT else day
            yield self._moment(day, opens), self._moment(ends_on, closes)

    def _moment(self, day: date, clock: time) -> datetime:
        # In UTC before anything is reckoned: the difference of two moments of one zone ignores a change of its clock.
        return datetime.combine(day, clock, self.timezone).astimezone(UTC)


def _check(spans: tuple[Span, ...]) -> None:
    before: time | None = MIDNIGHT
    for opens, closes in spans:
        if before is None or opens < before:
            raise ValueError("the hours of a day are in order and do not overlap")
        if closes != MIDNIGHT and closes <= opens:
            raise ValueError("hours end after they begin")
        before = None if closes == MIDNIGHT else closes
