"""Days in words: «دیروز», «هفته پیش», "last Monday", «۲۵ آبان», "November 3", as inclusive ranges of dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from peyk.text.normalise import normalise
from peyk.text.numbers import PLAIN_NUMBER_WORDS, number_of

_PERSIAN_MONTHS = (
    "فروردین farvardin",
    "اردیبهشت ordibehesht",
    "خرداد khordad",
    "تیر tir",
    "مرداد mordad",
    "شهریور shahrivar",
    "مهر mehr",
    "ابان aban",
    "اذر azar",
    "دی dey dei",
    "بهمن bahman",
    "اسفند esfand",
)
_ENGLISH_MONTHS = (
    "january jan",
    "february feb",
    "march mar",
    "april apr",
    "may",
    "june jun",
    "july jul",
    "august aug",
    "september sep sept",
    "october oct",
    "november nov",
    "december dec",
)
# Monday first, as `date.weekday()` counts.
_WEEKDAYS = (
    "دوشنبه doshanbe monday mon",
    "سهشنبه seshanbe tuesday tue",
    "چهارشنبه chaharshanbe charshanbe wednesday wed",
    "پنجشنبه پنشنبه panjshanbe thursday thu",
    "جمعه jome jomeh friday fri",
    "شنبه shanbe saturday sat",
    "یکشنبه yekshanbe sunday sun",
)


def _table(rows: tuple[str, ...], first: int) -> dict[str, int]:
    return {word: number for number, row in enumerate(rows, first) for word in row.split()}


_JALALI_MONTH = _table(_PERSIAN_MONTHS, 1)
_GREGORIAN_MONTH = _table(_ENGLISH_MONTHS, 1)
_WEEKDAY = _table(_WEEKDAYS, 0)
_NUMBERS = "|".join(sorted(PLAIN_NUMBER_WORDS, key=len, reverse=True))
_AGO = r"(?:پیش|قبل|ago|before|pish|ghabl|back)\w*"
_END = r"(?:ی|یه|یم|ام|ه|s|e|i|am)?\b"


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days a phrase means, both ends included; `slack` is how many days off people are who say so."""

    first: date
    last: date
    slack: int = 0

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def widened(self) -> DateRange:
        """Return the range with its slack on both sides."""
        return DateRange(self.first - timedelta(days=self.slack), self.last + timedelta(days=self.slack))


def find_dates(text: str, today: date) -> list[DateRange]:
    """Return what days the words of `text` mean, seen from `today`; orders lie in the past, so do these."""
    plain = re.sub(r"(یک|دو|سه|چهار|پنج)\s+شنبه", r"\1شنبه", normalise(text)).replace("پنچشنبه", "پنجشنبه")
    return [*_relative(plain, today), *_counted(plain, today), *_weekdays(plain, today), *_calendar(plain, today)]


def _relative(plain: str, today: date) -> Iterator[DateRange]:
    # The Iranian week begins on Saturday.
    week_start = today - timedelta(days=(today.weekday() + 2) % 7)
    days_ago = [DateRange(today - timedelta(days=n), today - timedelta(days=n)) for n in range(3)]
    last_week = DateRange(week_start - timedelta(days=7), week_start - timedelta(days=1), slack=4)
    last_month = DateRange(today - timedelta(days=45), today - timedelta(days=20), slack=15)
    table: tuple[tuple[str, DateRange], ...] = (
        (r"امروز|today|emr[ou]+z", days_ago[0]),
        (r"دیروز|yesterday|dir[ou]+z|دیشب|last night|dishab", days_ago[1]),
        (r"پریروز|پری روز|day before yesterday|par[iy]r[ou]+z", days_ago[2]),
        (r"هفته\s?ی?\s?(?:پیش|قبل|گذشته)|last week|hafte\w*\s(?:pish|ghabl|gozashte)", last_week),
        (r"این هفته|this week|in hafte", DateRange(week_start, today, slack=2)),
        (r"ماه\s?ی?\s?(?:پیش|قبل|گذشته)|last month|mah\w*\s(?:pish|ghabl|gozashte)", last_month),
    )
    for pattern, days in table:
        counted = re.search(rf"(?:\d|(?<!\w)(?:{_NUMBERS}))\s?(?:{pattern})", plain)
        if re.search(rf"(?<!\w)(?:{pattern})", plain) and not counted and not _inside_longer(pattern, plain):
            yield days


def _inside_longer(pattern: str, plain: str) -> bool:
    """Tell "yesterday" said as part of "the day before yesterday"."""
    return "yesterday" in pattern and "before" not in pattern and "day before yesterday" in plain


def _counted(plain: str, today: date) -> Iterator[DateRange]:
    """Yield «سه روز پیش», "2 weeks ago" with some slack: people round."""
    units = r"(?P<day>روز|days?|r[ou]+z)|(?P<week>هفته|weeks?|hafte)|(?P<month>ماه|months?|mah)"
    for match in re.finditer(rf"(?<!\w)(?P<n>\d{{1,2}}|{_NUMBERS}|a|an)\s?(?:{units})\w*\s?{_AGO}", plain):
        size, slack = (1, 1) if match["day"] else (7, 3) if match["week"] else (30, 10)
        day = today - timedelta(days=(number_of(match["n"]) or 1) * size)
        yield DateRange(day, day, slack)


def _weekdays(plain: str, today: date) -> Iterator[DateRange]:
    for match in re.finditer(r"\w+", plain):
        for name, weekday in _WEEKDAY.items():
            if re.fullmatch(rf"{name}{_END}", match.group()):
                day = today - timedelta(days=(today.weekday() - weekday) % 7)
                yield DateRange(day, day)
                break


def _calendar(plain: str, today: date) -> Iterator[DateRange]:
    for match in re.finditer(r"(?<![\w/])(\d{1,2})\s?(?:م|ام|om|th|st|nd|rd|e)?\s(?:of\s)?([^\W\d_]+)", plain):
        yield from _day_of(int(match.group(1)), match.group(2), today)
    for match in re.finditer(r"(?<!\w)([a-z]+)\.?\s(\d{1,2})(?:th|st|nd|rd)?(?![\w])", plain):
        yield from _day_of(int(match.group(2)), match.group(1), today)
    for match in re.finditer(r"(?<![\w/-])(1[34]\d\d|20\d\d)[/-](\d{1,2})[/-](\d{1,2})(?!\d)", plain):
        year, month, day = map(int, match.groups())
        found = _gregorian(year, month, day) if year >= 2000 else from_jalali(year, month, day)
        if found:
            yield DateRange(found, found)


def _day_of(day: int, month: str, today: date) -> Iterator[DateRange]:
    """Yield the newest such day not after `today`."""
    month = month if month in _JALALI_MONTH or month in _GREGORIAN_MONTH else re.sub(r"(?:ی|یه|م|ه)$", "", month)
    if month in _JALALI_MONTH:
        year = to_jalali_year(today)
        days = [from_jalali(y, _JALALI_MONTH[month], day) for y in (year, year - 1)]
    elif month in _GREGORIAN_MONTH:
        days = [_gregorian(y, _GREGORIAN_MONTH[month], day) for y in (today.year, today.year - 1)]
    else:
        return
    past = [found for found in days if found and found <= today]
    if past:
        yield DateRange(past[0], past[0])


def _gregorian(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def from_jalali(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of a Jalali one, or None when there is no such day (33-year cycle, 1206 to 1498)."""
    length = 31 if month <= 6 else 30
    if not (1 <= month <= 12 and 1 <= day <= length) or (month == 12 and day == 30 and not _is_leap(year)):
        return None
    before = sum(366 if _is_leap(y) else 365 for y in range(_EPOCH_YEAR, year)) if year >= _EPOCH_YEAR else None
    if before is None:
        return None
    months = 31 * min(month - 1, 6) + 30 * max(0, month - 7)
    return _EPOCH + timedelta(days=before + months + day - 1)


# 1 Farvardin 1300.
_EPOCH, _EPOCH_YEAR = date(1921, 3, 21), 1300
_LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})


def _is_leap(year: int) -> bool:
    return year % 33 in _LEAP_REMAINDERS


def to_jalali_year(day: date) -> int:
    """Return the Jalali year of a Gregorian date."""
    year = day.year - 621
    new_year = from_jalali(year, 1, 1)
    return year if new_year and day >= new_year else year - 1
