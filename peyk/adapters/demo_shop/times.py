"""Times of the stories: of Tehran, relative to the moment of seeding."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

TEHRAN = ZoneInfo("Asia/Tehran")
FRIDAY = 4
_AGO = re.compile(r"-(\d+)([hm])")
_DAY = re.compile(r"([+-]\d+)([dw]) (\d\d:\d\d)")
_TODAY = re.compile(r"(earlier|later) today (\d\d:\d\d)")


def moment(text: str, now: datetime) -> datetime:
    """Return the UTC time `text` means (the notation is described in data/stories.yml). Raises ValueError."""
    here = now.astimezone(TEHRAN)
    if match := _AGO.fullmatch(text):
        unit = {"h": "hours", "m": "minutes"}[match[2]]
        return now - timedelta(**{unit: int(match[1])})
    if match := _DAY.fullmatch(text):
        days = int(match[1]) if match[2] == "d" else _days_of_work(here, int(match[1]))
        return _at(here + timedelta(days=days), match[3])
    if match := _TODAY.fullmatch(text):
        return _earlier(here, match[2]) if match[1] == "earlier" else _later(here, match[2])
    raise ValueError(f"not a time of a story: {text!r}")


def _at(day: datetime, hour: str) -> datetime:
    return datetime.combine(day.date(), time.fromisoformat(hour), TEHRAN).astimezone(UTC)


def _days_of_work(here: datetime, count: int) -> int:
    days = 0
    while count:
        days += 1
        count -= (here + timedelta(days=days)).weekday() != FRIDAY
    return days


def _earlier(here: datetime, hour: str) -> datetime:
    midnight = _at(here, "00:00")
    return min(_at(here, hour), midnight + (here - midnight) / 2)


def _later(here: datetime, hour: str) -> datetime:
    last = _at(here, "23:59")
    return max(_at(here, hour), here + (last - here) / 2).astimezone(UTC)
