"""The office hours a shop has written down: its week and its holidays, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from peyk.domain.office_hours import IRANIAN_WEEK, MIDNIGHT, OfficeHours, Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TEHRAN = "Asia/Tehran"
_PART = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<hours>.+)")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_END_OF_DAY = (24, 0)


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """A week, the shop's own holidays with their names, and whether Iran's fixed ones count, too.

    `version` counts the changes from 0, which is what the settings say.
    """

    weekly: Mapping[int, tuple[Span, ...]] = field(default_factory=lambda: dict(IRANIAN_WEEK))
    holidays: Mapping[date, str] = field(default_factory=dict)
    iranian_holidays: bool = True
    timezone: str = TEHRAN
    version: int = 0

    def hours(self, fixed: frozenset[date]) -> OfficeHours:
        """Return the hours, with the `fixed` holidays of the country if they count. Raises ValueError."""
        days = frozenset(self.holidays) | (fixed if self.iranian_holidays else frozenset())
        return OfficeHours(self.weekly, days, read_zone(self.timezone))


def read_week(text: str) -> dict[int, tuple[Span, ...]]:
    """Read a week: `sat-wed 09:00-17:00, thu 09:00-13:00`; several spans of a day with `+` between them.

    A day that is not named is closed. Raises ValueError that says what cannot be read.
    """
    week: dict[int, tuple[Span, ...]] = {}
    for part in filter(None, (each.strip().lower() for each in text.split(","))):
        found = _PART.fullmatch(part)
        if not found:
            raise ValueError(f"cannot read {part!r}: write e.g. sat-wed 09:00-17:00, thu 09:00-13:00")
        spans = tuple(_span(each.strip()) for each in found["hours"].split("+"))
        for day in _days(found["first"], found["last"] or found["first"]):
            week[day] = (*week.get(day, ()), *spans)
    # It checks them.
    OfficeHours(week, frozenset(), ZoneInfo(TEHRAN))
    return week


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ValueError("must be a time zone, e.g. Asia/Tehran") from None


def write_week(week: Mapping[int, tuple[Span, ...]]) -> str:
    """Return a week as `read_week` reads it, a day each."""
    return ", ".join(
        f"{DAYS[day]} " + "+".join(f"{opens:%H:%M}-{_end(closes)}" for opens, closes in spans)
        for day, spans in sorted(week.items())
        if spans
    )


def _days(first: str, last: str) -> list[int]:
    if not {first, last} <= set(DAYS):
        raise ValueError(f"a day is one of {', '.join(DAYS)}")
    start = DAYS.index(first)
    return [(start + step) % 7 for step in range((DAYS.index(last) - start) % 7 + 1)]


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"cannot read the hours {text!r}: write e.g. 09:00-17:00")
    opens, closes = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
    return time(*opens), MIDNIGHT if closes == _END_OF_DAY else time(*closes)


def _end(closes: time) -> str:
    return "24:00" if closes == MIDNIGHT else f"{closes:%H:%M}"
