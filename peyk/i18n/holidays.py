"""Iran's official holidays that fall on the same day of every Jalali year; the lunar ones move, a shop enters them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from persiantools.jdatetime import JalaliDate

# Month and day: Nowruz (four days), Islamic Republic Day, Nature Day, 14 and 15 Khordad, 22 Bahman,
# nationalisation of oil. The official calendar of the University of Tehran's Institute of Geophysics.
FIXED = ((1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29))
# No shop writes a holiday of the Gregorian year 1699, or of the Jalali 1700.
_LATEST_JALALI_YEAR = 1700
# The library has no types.
_jalali: Callable[[int, int, int], Any] = JalaliDate


@lru_cache(maxsize=8)
def fixed_holidays(first: int, last: int) -> frozenset[date]:
    """Return the fixed holidays from the Gregorian year `first` to `last`, both whole."""
    # A Jalali year begins 621 Gregorian years "later" and reaches into the next one.
    years = range(first - 622, last - 620)
    days = {_jalali(year, month, day).to_gregorian() for year in years for month, day in FIXED}
    return frozenset(day for day in days if first <= day.year <= last)


def read_date(text: str) -> date:
    """Read a date, Gregorian or Jalali by its year: `2027-03-10`, `1405-12-19`. Raises ValueError."""
    year, month, day = (int(part) for part in text.strip().split("-"))
    if year < _LATEST_JALALI_YEAR:
        found: date = _jalali(year, month, day).to_gregorian()
        return found
    return date(year, month, day)
