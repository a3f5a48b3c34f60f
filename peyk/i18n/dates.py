"""Dates as customers read them: Jalali in Persian, Gregorian in English, always Tehran's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from persiantools.jdatetime import JalaliDate

from peyk.i18n.catalogue import text
from peyk.i18n.digits import count, localise_digits

TEHRAN = ZoneInfo("Asia/Tehran")
# The one weekday on which neither post nor couriers in Iran work; `date.weekday()` counts from Monday.
FRIDAY = 4
_DAYS_IN_WORDS = 30
# The library has no types.
_to_jalali: Callable[[date], Any] = JalaliDate.to_jalali
_HOURS_IN_WORDS = 96


def local(moment: datetime) -> datetime:
    """Return an aware moment on Tehran's clock."""
    return moment.astimezone(TEHRAN)


def local_date(moment: datetime) -> date:
    """Return the date in Tehran at an aware moment."""
    return local(moment).date()


def _jalali(day: date, pattern: str) -> str:
    return str(_to_jalali(day).strftime(pattern, locale="fa"))


def _persian(day: date, *, weekday: bool, year: bool) -> str:
    # The library pads the day with a zero, which nobody writes.
    number = localise_digits(str(_to_jalali(day).day), "fa")
    parts = [_jalali(day, "%A") if weekday else "", number, _jalali(day, "%B"), _jalali(day, "%Y") if year else ""]
    return " ".join(part for part in parts if part)


def format_date(moment: datetime, language: str) -> str:
    """Return day, month and year: «۲۵ آبان ۱۴۰۵», "16 November 2026"."""
    day = local_date(moment)
    if language == "fa":
        return _persian(day, weekday=False, year=True)
    return babel_date(day, "d MMMM y", locale="en")


def format_day(moment: datetime, language: str) -> str:
    """Return weekday, day and month: «دوشنبه ۲۵ آبان», "Monday 16 November"."""
    day = local_date(moment)
    if language == "fa":
        return _persian(day, weekday=True, year=False)
    return babel_date(day, "EEEE d MMMM", locale="en")


def format_time(moment: datetime, language: str) -> str:
    """Return the time of day: «۱۴:۱۰», "14:10"."""
    return localise_digits(local(moment).strftime("%H:%M"), language)


def format_datetime(moment: datetime, language: str) -> str:
    """Return day and time: «دوشنبه ۲۵ آبان، ساعت ۱۴:۱۰», "Monday 16 November at 14:10"."""
    return text("date.with_time", language, day=format_day(moment, language), time=format_time(moment, language))


def format_moment(moment: datetime, now: datetime, language: str) -> str:
    """Return a moment close to `now` in words: "today at 14:10", else day and time."""
    days = (local_date(moment) - local_date(now)).days
    if abs(days) > 1:
        return format_datetime(moment, language)
    return text("date.with_time", language, day=_near_day(days, language), time=format_time(moment, language))


def _near_day(days: int, language: str) -> str:
    return text({-1: "day.yesterday", 0: "day.today", 1: "day.tomorrow"}[days], language)


def relative_day(moment: datetime, now: datetime, language: str) -> str:
    """Return how far a day is from today: "today", "tomorrow", "3 days ago", "in 5 days", else the date."""
    days = (local_date(moment) - local_date(now)).days
    if abs(days) <= 1:
        return _near_day(days, language)
    if abs(days) > _DAYS_IN_WORDS:
        return format_date(moment, language)
    return count("day.ago" if days < 0 else "day.ahead", abs(days), language)


def days_between(earlier: datetime, later: datetime) -> int:
    """Return how many midnights of Tehran lie between two moments."""
    return (local_date(later) - local_date(earlier)).days


def duration(span: timedelta, language: str) -> str:
    """Return a span of time in hours, or from four days on in days: «۸۰ ساعت», "12 days"."""
    hours = int(span.total_seconds() // 3600)
    if hours < _HOURS_IN_WORDS:
        return count("hours", max(hours, 1), language)
    return count("days", span.days, language)


def working_days(start: date, end: date) -> int:
    """Return the working days after `start` up to and with `end`; Fridays do not count."""
    days = (end - start).days
    return sum((start + timedelta(days=step)).weekday() != FRIDAY for step in range(1, days + 1))


def expected_between(first: datetime, last: datetime, now: datetime, language: str) -> str:
    """Return when something is expected: "in 2 to 4 working days", "in 3 working days", "today"."""
    today = local_date(now)
    fewest = working_days(today, local_date(first))
    most = working_days(today, local_date(last))
    if most <= 0:
        return relative_day(last, now, language)
    if fewest in (0, most):
        return count("working_days.within" if fewest == 0 else "working_days.exactly", most, language)
    values = {"fewest": localise_digits(str(fewest), language), "most": localise_digits(str(most), language)}
    return text("working_days.between", language, **values)
