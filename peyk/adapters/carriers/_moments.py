"""Moments as carriers write them: Jalali or Gregorian days, in digits or words, with a time of 24 or twice 12 hours."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from persiantools.jdatetime import MONTH_NAMES_FA

from peyk.text.dates import from_jalali
from peyk.text.digits import to_ascii_digits
from peyk.text.halves import hour_of_day
from peyk.text.normalise import normalise

TEHRAN = ZoneInfo("Asia/Tehran")
UTC_ZONE = ZoneInfo("UTC")
_DAY = re.compile(r"(?<!\d)(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?!\d)")
_DAY_IN_ONE = re.compile(r"(?<!\d)(1[34]\d\d|20\d\d)(\d\d)(\d\d)(?!\d)")
_DAY_IN_WORDS = re.compile(r"(?<!\d)(\d{1,2}) ([^\W\d]+)(?: \w+)? (\d{4})(?!\d)")
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?::(\d\d))?(?![\d:])")
_JALALI_YEARS = range(1300, 1500)
_GREGORIAN_YEARS = range(1990, 2100)


def moment(day: str, clock: str = "", zone: ZoneInfo = TEHRAN) -> datetime | None:
    """Return the UTC moment of a day and a time of day (or of both in `day`); None where one cannot be read.

    A moment that names its own zone keeps it; all others are of `zone`.
    """
    text = " ".join(to_ascii_digits(f"{day} {clock}").split())
    zoned = _zoned(to_ascii_digits(day).strip())
    if zoned is not None:
        return zoned
    found, at = _day(text), _time_of_day(text)
    return datetime.combine(found, at, zone).astimezone(UTC) if found and at else None


def _zoned(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None and at.year in _GREGORIAN_YEARS else None


def _day(text: str) -> date | None:
    if match := _DAY.search(text):
        return _date(int(match[1]), int(match[3]), int(match[4]))
    if match := _DAY_IN_ONE.search(text):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_IN_WORDS.search(normalise(text)):
        return _date(int(match[3]), _months().get(match[2], 0), int(match[1]))
    return None


def _date(year: int, month: int, day: int) -> date | None:
    if year in _JALALI_YEARS:
        return from_jalali(year, month, day)
    if year not in _GREGORIAN_YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time_of_day(text: str) -> time | None:
    # ISO 8601 puts a T between day and time.
    match = _TIME.search(re.sub(r"(?<=\d)T(?=\d)", " ", text))
    if match is None:
        return None
    try:
        return time(hour_of_day(int(match[1]), text), int(match[2]), int(match[3] or 0))
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    return {normalise(name): number for number, name in enumerate(MONTH_NAMES_FA) if name}
