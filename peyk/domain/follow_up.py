"""When a customer is asked whether it helped: a day to three after the solution, never at night."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

EARLIEST = timedelta(hours=24)
LATEST = timedelta(hours=72)
DAY_BEGINS, DAY_ENDS = time(9), time(21)


def by_day(at: datetime, timezone: tzinfo) -> bool:
    """Tell whether a moment is by day, where people may be written to."""
    return DAY_BEGINS <= at.astimezone(timezone).time() < DAY_ENDS


def next_day_time(at: datetime, timezone: tzinfo) -> datetime:
    """Return the first moment from `at` on that is by day."""
    local = at.astimezone(timezone)
    if by_day(at, timezone):
        return at
    day = local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)
    return datetime.combine(day, DAY_BEGINS, timezone).astimezone(at.tzinfo)


def too_late(resolved_at: datetime, now: datetime) -> bool:
    """Tell whether nobody remembers any more what it was about."""
    return now >= resolved_at + LATEST
