"""Dates, money and numbers as customers read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from peyk import i18n
from peyk.domain.money import Money
from peyk.i18n.dates import working_days

# Saturday 21 November 2026, noon in Tehran (30 Aban 1405).
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
NOWRUZ_EVE = datetime(2027, 3, 20, 20, 29, tzinfo=UTC)


def after(**span: float) -> datetime:
    return NOW + timedelta(**span)


@pytest.mark.parametrize(
    ("moment", "fa", "en"),
    [
        (NOW, "۳۰ آبان ۱۴۰۵", "21 November 2026"),
        (NOWRUZ_EVE, "۲۹ اسفند ۱۴۰۵", "20 March 2027"),
        (NOWRUZ_EVE + timedelta(minutes=1), "۱ فروردین ۱۴۰۶", "21 March 2027"),
    ],
)
def test_dates_are_tehrans(moment: datetime, fa: str, en: str) -> None:
    assert (i18n.format_date(moment, "fa"), i18n.format_date(moment, "en")) == (fa, en)


def test_days_and_times() -> None:
    assert i18n.format_day(NOW, "fa") == "شنبه ۳۰ آبان"
    assert i18n.format_day(NOW, "en") == "Saturday 21 November"
    assert i18n.format_day(after(days=3), "fa") == "سه\u200cشنبه ۳ آذر"
    assert i18n.format_datetime(NOW, "fa") == "شنبه ۳۰ آبان، ساعت ۱۲:۰۰"
    assert i18n.format_datetime(NOW, "en") == "Saturday 21 November at 12:00"
    assert i18n.local_date(NOWRUZ_EVE + timedelta(minutes=1)) == date(2027, 3, 21)


@pytest.mark.parametrize(
    ("moment", "fa", "en"),
    [
        (NOW, "امروز، ساعت ۱۲:۰۰", "today at 12:00"),
        (after(hours=-12, minutes=-1), "دیروز، ساعت ۲۳:۵۹", "yesterday at 23:59"),
        (after(days=-2), "پنجشنبه ۲۸ آبان، ساعت ۱۲:۰۰", "Thursday 19 November at 12:00"),
    ],
)
def test_moments_near_now(moment: datetime, fa: str, en: str) -> None:
    assert (i18n.format_moment(moment, NOW, "fa"), i18n.format_moment(moment, NOW, "en")) == (fa, en)


@pytest.mark.parametrize(
    ("days", "fa", "en"),
    [
        (0, "امروز", "today"),
        (1, "فردا", "tomorrow"),
        (-1, "دیروز", "yesterday"),
        (3, "۳ روز دیگر", "in 3 days"),
        (-3, "۳ روز پیش", "3 days ago"),
        (-40, "۲۰ مهر ۱۴۰۵", "12 October 2026"),
    ],
)
def test_relative_days(days: int, fa: str, en: str) -> None:
    moment = after(days=days)
    assert (i18n.relative_day(moment, NOW, "fa"), i18n.relative_day(moment, NOW, "en")) == (fa, en)


@pytest.mark.parametrize(
    ("span", "fa", "en"),
    [
        (timedelta(minutes=5), "۱ ساعت", "1 hour"),
        (timedelta(hours=80), "۸۰ ساعت", "80 hours"),
        (timedelta(hours=96), "۴ روز", "4 days"),
        (timedelta(days=12, hours=5), "۱۲ روز", "12 days"),
    ],
)
def test_durations(span: timedelta, fa: str, en: str) -> None:
    assert (i18n.duration(span, "fa"), i18n.duration(span, "en")) == (fa, en)


def test_fridays_are_no_working_days() -> None:
    saturday = date(2026, 11, 21)
    assert [working_days(saturday, saturday + timedelta(days=days)) for days in range(-1, 9)] == [
        0, 0, 1, 2, 3, 4, 5, 5, 6, 7,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "fa", "en"),
    [
        (2, 4, "۲ تا ۴ روز کاری دیگر", "in 2 to 4 working days"),
        (3, 3, "۳ روز کاری دیگر", "in 3 working days"),
        (5, 6, "۵ روز کاری دیگر", "in 5 working days"),
        (-1, 2, "تا ۲ روز کاری دیگر", "within 2 working days"),
        (1, 1, "۱ روز کاری دیگر", "in 1 working day"),
        (0, 0, "امروز", "today"),
    ],
)
def test_expected_between(first: int, last: int, fa: str, en: str) -> None:
    span = (after(days=first), after(days=last), NOW)
    assert (i18n.expected_between(*span, "fa"), i18n.expected_between(*span, "en")) == (fa, en)


@pytest.mark.parametrize(
    ("rial", "unit", "fa", "en"),
    [
        (12_500_000, "toman", "۱٬۲۵۰٬۰۰۰ تومان", "1,250,000 toman"),
        (12_500_000, "rial", "۱۲٬۵۰۰٬۰۰۰ ریال", "12,500,000 rial"),
        (0, "toman", "۰ تومان", "0 toman"),
        (12_345, "toman", "۱٬۲۳۴٫۵ تومان", "1,234.5 toman"),
        (-50, "toman", "-۵ تومان", "-5 toman"),
    ],
)
def test_money(rial: int, unit: str, fa: str, en: str) -> None:
    money = Money.rial(rial)
    assert (i18n.format_money(money, "fa", unit), i18n.format_money(money, "en", unit)) == (fa, en)


@pytest.mark.parametrize(
    ("money", "fa", "en"),
    [
        (Money(12_000, "USD"), "۱۲۰٫۰۰ دلار آمریکا", "$120.00"),
        (Money(123_456_705, "EUR"), "۱٬۲۳۴٬۵۶۷٫۰۵ یورو", "€1,234,567.05"),
        (Money(-50, "GBP"), "-۰٫۵۰ پوند", "£-0.50"),
        (Money(1_250, "JPY"), "۱٬۲۵۰ JPY", "1,250 JPY"),
        (Money(1_500, "KWD"), "۱٫۵۰۰ KWD", "1.500 KWD"),
    ],
)
@pytest.mark.parametrize("unit", ["toman", "rial"])
def test_other_currencies_are_never_rial(money: Money, fa: str, en: str, unit: str) -> None:
    assert (i18n.format_money(money, "fa", unit), i18n.format_money(money, "en", unit)) == (fa, en)


def test_an_unknown_unit_is_an_error() -> None:
    with pytest.raises(KeyError):
        i18n.format_money(Money.rial(10), "fa", "dollar")


@pytest.mark.parametrize(
    ("names", "fa", "en"),
    [
        ([], "", ""),
        (["A"], "A", "A"),
        (["A", "B"], "A و B", "A and B"),
        (["A", "B", "C"], "A، B و C", "A, B and C"),
    ],
)
def test_lists(names: list[str], fa: str, en: str) -> None:
    assert (i18n.join_names(names, "fa"), i18n.join_names(names, "en")) == (fa, en)


def test_digits() -> None:
    assert i18n.localise_digits("12 عدد", "fa") == "۱۲ عدد"
    assert i18n.localise_digits("12", "en") == "12"
    assert (i18n.count("days", 1, "en"), i18n.count("days", 2, "en")) == ("1 day", "2 days")
