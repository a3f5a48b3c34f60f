"""A week as a shop writes it, and Iran's fixed holidays."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from peyk.domain.office_hours import FRIDAY, IRANIAN_WEEK, SATURDAY, THURSDAY
from peyk.domain.office_plan import OfficePlan, read_week, write_week
from peyk.i18n.holidays import fixed_holidays, read_date

DEFAULT = "sat-wed 09:00-17:00, thu 09:00-13:00"


def test_the_iranian_week_is_the_default() -> None:
    assert read_week(DEFAULT) == IRANIAN_WEEK == OfficePlan().weekly
    assert FRIDAY not in IRANIAN_WEEK


def test_spans_single_days_and_the_end_of_the_day() -> None:
    week = read_week("Sat 8:30-12:00+13:00-24:00, thu-thu 09:00-10:00")
    assert week == {SATURDAY: ((time(8, 30), time(12)), (time(13), time(0))), THURSDAY: ((time(9), time(10)),)}


@pytest.mark.parametrize("text", [DEFAULT, "fri 00:00-24:00", "mon 09:00-12:00+13:00-17:00"])
def test_what_is_written_is_read_again(text: str) -> None:
    week = read_week(text)
    assert read_week(write_week(week)) == week


@pytest.mark.parametrize(
    "text", ["", "sat", "sat-xyz 09:00-17:00", "sat 9-17", "sat 17:00-09:00", "sat 25:00-26:00", "sat 09:00-17:00 mon"]
)
def test_a_week_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_week(text)


@pytest.mark.parametrize(
    ("day", "what"),
    [
        (date(2026, 3, 21), "Nowruz, 1 Farvardin 1405"),
        (date(2026, 4, 2), "Nature Day, 13 Farvardin"),
        (date(2026, 6, 4), "14 Khordad"),
        (date(2027, 2, 11), "22 Bahman 1405"),
        (date(2026, 3, 20), "29 Esfand 1404"),
        # 1403 was a leap year: in it 29 Esfand is a day earlier.
        (date(2025, 3, 19), "29 Esfand 1403"),
    ],
)
def test_a_fixed_holiday(day: date, what: str) -> None:
    assert day in fixed_holidays(day.year, day.year), what


def test_there_are_ten_a_year() -> None:
    assert all(len(fixed_holidays(year, year)) in {10, 11} for year in range(2024, 2032))
    assert date(2026, 3, 25) not in fixed_holidays(2026, 2026)


def test_a_date_is_gregorian_or_jalali() -> None:
    assert read_date("1405-12-19") == read_date(" 2027-03-10") == date(2027, 3, 10)
    for text in ("1405-13-01", "2026-02-30", "soon", "2026-01"):
        with pytest.raises(ValueError, match=r".+"):
            read_date(text)


def test_holidays_of_the_shop_and_of_the_country() -> None:
    zone = ZoneInfo("Asia/Tehran")
    nowruz, eid = date(2027, 3, 21), date(2027, 3, 10)
    plan = OfficePlan(holidays={eid: "عید فطر"})
    assert plan.hours(frozenset({nowruz})).holidays == {nowruz, eid}
    without = OfficePlan(iranian_holidays=False).hours(frozenset({nowruz}))
    assert without.is_open(datetime(2027, 3, 21, 10, tzinfo=zone))
