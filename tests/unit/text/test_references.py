"""Which order is meant."""

from __future__ import annotations

from datetime import date

import pytest

from peyk.text.dates import find_dates, from_jalali, to_jalali_year
from peyk.text.references import Candidate, resolve

# A Saturday.
TODAY = date(2026, 11, 21)
ORDERS = (
    Candidate("TS-104234", ("هدفون بی‌سیم", "Wireless headphones"), date(2026, 11, 21)),
    Candidate("TS-104233", ("کفش دویدن مردانه", "Men's running shoes"), date(2026, 11, 16)),
    Candidate("TS-104201", ("ماگ سرامیکی", "Ceramic mug"), date(2026, 11, 11)),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("دومی", [1]),
        ("دوم رو می‌خوام", [1]),
        ("the second", [1]),
        ("2", [1]),
        ("۲", [1]),
        ("شماره ۲", [1]),
        ("dovomi", [1]),
        ("اولیش", [0]),
        ("first one", [0]),
        ("سومی", [2]),
        ("آخری", [2]),
        ("the last one", [2]),
        ("my last order", [0]),
        ("جدیده", [0]),
        ("قدیمیه", [2]),
        ("هفتمی", []),
    ],
)
def test_by_place(text: str, expected: list[int]) -> None:
    assert resolve(text, ORDERS, today=TODAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TS-104201", [2]),
        ("۱۰۴۲۳۳", [1]),
        ("4233", [1]),
        ("اونی که با ۳۴ تموم میشه", [0]),
        ("1042", []),
        ("TS-999999", []),
    ],
)
def test_by_number(text: str, expected: list[int]) -> None:
    assert resolve(text, ORDERS, today=TODAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("همون هدفونه", [0]),
        ("hedfoon", [0]),
        ("the headphones", [0]),
        ("کفشم", [1]),
        ("kafsham", [1]),
        ("the shoes", [1]),
        ("ماگه", [2]),
        ("mug", [2]),
        ("تلویزیون", []),
    ],
)
def test_by_product(text: str, expected: list[int]) -> None:
    assert resolve(text, ORDERS, today=TODAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("مال امروز", [0]),
        ("today's order", [0]),
        ("دیروزی", []),
        ("هفته پیش", [1]),
        ("last week", [1]),
        ("دوشنبه", [1]),
        ("monday's", [1]),
        ("۲۵ آبان", [1]),
        ("november 11", [2]),
        ("11th of november", [2]),
        ("پنج روز پیش", [1]),
        ("10 days ago", [2]),
        ("1405/08/25", [1]),
        ("2026-11-11", [2]),
    ],
)
def test_by_day(text: str, expected: list[int]) -> None:
    assert resolve(text, ORDERS, today=TODAY) == expected


def test_a_whole_number_is_not_the_end_of_a_longer_one() -> None:
    grown = [Candidate(number, (), TODAY) for number in ("1001", "11001", "WC-21001")]
    assert resolve("1001", grown, today=TODAY) == [0]
    assert resolve("سفارش ۲۱۰۰۱", grown, today=TODAY) == [2]
    assert resolve("001", grown, today=TODAY) == [0, 1, 2]


def test_the_other_one_needs_to_know_which_is_spoken_of() -> None:
    assert resolve("اون یکی", ORDERS[:2], today=TODAY, current="TS-104234") == [1]
    assert resolve("the other one", ORDERS, today=TODAY, current="TS-104233") == [0, 2]
    assert resolve("اون یکی", ORDERS, today=TODAY) == []


def test_all_of_them() -> None:
    assert resolve("هر دو", ORDERS[:2], today=TODAY) == [0, 1]


@pytest.mark.parametrize("text", ["سلام", "", "چی؟", "سفارشم"])
def test_words_that_mean_none(text: str) -> None:
    assert resolve(text, ORDERS, today=TODAY) == []


def test_nothing_on_offer() -> None:
    assert resolve("آخری", (), today=TODAY) == []


@pytest.mark.parametrize(
    ("jalali", "gregorian"),
    [
        ((1405, 8, 30), TODAY),
        ((1403, 12, 30), date(2025, 3, 20)),
        ((1404, 1, 1), date(2025, 3, 21)),
        ((1400, 6, 31), date(2021, 9, 22)),
    ],
)
def test_jalali_dates(jalali: tuple[int, int, int], gregorian: date) -> None:
    assert from_jalali(*jalali) == gregorian


@pytest.mark.parametrize("jalali", [(1404, 12, 30), (1405, 13, 1), (1405, 7, 31), (1405, 1, 0)])
def test_days_that_do_not_exist(jalali: tuple[int, int, int]) -> None:
    assert from_jalali(*jalali) is None


def test_a_date_later_this_year_means_last_year() -> None:
    assert [day.first for day in find_dates("december 1", TODAY)] == [date(2025, 12, 1)]
    assert to_jalali_year(date(2026, 3, 20)) == 1404
