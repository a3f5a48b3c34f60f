"""Shops that count on from 1: numbers of three to seven digits, with and without a prefix, and what is none of them."""

from __future__ import annotations

import pytest

from peyk.services.find import Wanted, read_number
from peyk.text.identifiers import find_identifiers
from peyk.text.order_numbers import OrderFormat

PLAIN = OrderFormat("", 3, 7)
PREFIXED = OrderFormat("WC-", 3, 7)
ENDED = OrderFormat("", 4, 6, "-IR")


def orders(text: str, numbers: OrderFormat = PLAIN) -> list[str | int]:
    return [item.value for item in find_identifiers(text, numbers) if item.kind.value == "order_id"]


@pytest.mark.parametrize("number", ["987", "9999", "10000", "104233", "1042331"])
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "#{}",
        "سفارش {} کجاست؟",
        "سفارش شماره {} کی می‌رسه",
        "شماره سفارش: {}",
        "شماره سفارشم {} هست",
        "سفارش من با شماره {} نرسیده",
        "{} شماره سفارشمه",
        "سفارش {}",
        "سفارشی که دیروز دادم شمارش {}",
        "این {}",
        "کد رهگیری {}",
        "where is my order {}?",
        "order no. {}",
        "my order number is {}",
        "{} is my order number",
        "status of order #{}",
        "sefareshe {} kojast",
        "shomare sefaresh {}",
    ],
)
def test_a_number_of_any_length_is_found(text: str, number: str) -> None:
    assert orders(text.format(number)) == [number]


@pytest.mark.parametrize("text", ["سفارش ۱۰۰۰۱", "سفارش ١٠٠٠١", "#۱۰۰۰۱", "۱۰۰۰۱", "سفارش #١٠٠٠١", "سفارش 1۰٠01"])
def test_digits_of_every_keyboard_are_read(text: str) -> None:
    assert orders(text) == ["10001"]


@pytest.mark.parametrize("number", ["1001", "10234", "1023456"])
@pytest.mark.parametrize("text", ["WC-{}", "wc{}", "WC {}", "سفارش {}", "#{}", "order {}", "{}", "سفارش wc-{} کجاست"])
def test_a_prefix_may_be_left_out(text: str, number: str) -> None:
    assert orders(text.format(number), PREFIXED) == [f"WC-{number}"]


@pytest.mark.parametrize(
    "text", ["10234-IR", "سفارش 10234-ir", "10234IR کجاست", "سفارش ۱۰۲۳۴", "order 10234 ir", "#10234"]
)
def test_a_suffix_may_be_left_out(text: str) -> None:
    assert orders(text, ENDED) == ["10234-IR"]
    assert orders("WC-1001-IR", OrderFormat("WC-", 4, 6, "-IR")) == ["WC-1001-IR"]


def test_several_are_all_found() -> None:
    assert orders("سفارش‌های 1001 و 1002 کجان") == ["1001", "1002"]
    assert orders("سفارش 9999 و 10000") == ["9999", "10000"]
    assert orders("دو تا سفارش دارم 1001 و 1002") == ["1001", "1002"]
    assert orders("سفارش دادم 200 و 300 گرم") == []
    kinds = {item.kind.value for item in find_identifiers("1001 1002 1003 1004 1005 1006", PLAIN)}
    assert "tracking_code" not in kinds


@pytest.mark.parametrize(
    "text",
    [
        # Postcodes, and other registers.
        "کد پستی 1417935840",
        "کد پستی 14179",
        "کدپستیم ۱۴۱۷۹-۳۵۸۴۰",
        "my postcode is 14179",
        "پلاک 1234",
        "واحد 101",
        "کد ملی 0012345679",
        "ارور 504 می‌ده",
        "error 404",
        "مدل 1080",
        "size 128",
        "تیکت 90871",
        # Mobiles.
        "09121234567",
        "شماره موبایلم 0912 123 4567",
        "سفارشم با شماره 09121234567 ثبت شده",
        "+989121234567",
        # Prices.
        "قیمت 450000",
        "قیمتش ۱۲۵۰ بود",
        "مبلغ 1250000 کم شد",
        "۴۵۰ هزار تومان",
        "سفارش 500 هزار تومانی",
        "خرید ۱۲۵۰۰۰۰ تومنی",
        "price 45000",
        "the price is 45000",
        "مبلغ کل ۱۲۵۰۰۰۰",
        "1,250,000",
        # Discount codes and one-time codes with their word.
        "کد تخفیف 1234",
        "discount code 4455",
        # Dates, times, measures and counts.
        "سفارش سال 1403",
        "سفارش مهر ۱۴۰۳ من",
        "in 2024 I ordered a lamp",
        "سفارش 1403/08/29",
        "ساعت 18:30",
        "سفارش ۲۰۰ تا لیوان",
        "سفارش 120 سانتی",
        "سفارش ۵۰۰ گرمی زعفران",
        "I ordered 128 in error",
        "my order be raised to 500",
        "agent 007 actors in order",
        "من ۱۰۰ بار گفتم",
        "send 200 to Reza",
        "12",
    ],
)
def test_what_is_no_order(text: str) -> None:
    assert orders(text) == []


@pytest.mark.parametrize(
    "text", ["هزینهٔ سفارش 104233 چقدر شد", "mablaghe marjooi baraye 104233", "price of order 104233"]
)
def test_the_price_of_an_order_names_the_order(text: str) -> None:
    assert orders(text) == ["104233"]


@pytest.mark.parametrize(
    ("text", "code"), [("کد 12345", "12345"), ("کد تایید 123456", "123456"), ("otp 55667", "55667")]
)
def test_a_one_time_code_is_no_order(text: str, code: str) -> None:
    found = [(item.kind.value, item.value) for item in find_identifiers(text, PLAIN)]
    assert found == [("otp_code", code)]


def test_without_a_word_beside_it_a_number_is_both() -> None:
    found = [(item.kind.value, item.value, item.role) for item in find_identifiers("10000", PLAIN)]
    assert found == [("order_id", "10000", "bare"), ("otp_code", "10000", None)]


@pytest.mark.parametrize(
    ("typed", "numbers", "expected"),
    [
        ("9999", PLAIN, "9999"),
        ("10000", PLAIN, "10000"),
        ("#۱۰۰۰۱", PLAIN, "10001"),
        ("# 1001", OrderFormat("#", 4, 6), "1001"),
        ("wc-10234", PREFIXED, "WC-10234"),
        ("WC١٠٢٣٤", PREFIXED, "WC-10234"),
        ("10234", PREFIXED, "WC-10234"),
        ("10234-ir", ENDED, "10234-IR"),
        ("10234", ENDED, "10234-IR"),
        ("ts 104233", OrderFormat(), "TS-104233"),
    ],
)
def test_a_number_is_looked_up_whole(typed: str, numbers: OrderFormat, expected: str) -> None:
    assert read_number(typed, numbers) == Wanted(exact=expected)


@pytest.mark.parametrize("typed", ["12", "12345678", "WC-", "10234-XX", "", "ده هزار", "²³⁴⁵"])
def test_what_can_be_no_number_is_not_looked_up(typed: str) -> None:
    assert read_number(typed, PLAIN) == Wanted()


def test_only_numbers_of_one_length_have_endings() -> None:
    assert read_number("104233", OrderFormat("TS-", 9)) == Wanted(suffix="104233")
    assert read_number("4233", OrderFormat("TS-", 9)) == Wanted()
    assert read_number("104233", OrderFormat("", 9, 9, "-IR")) == Wanted()


@pytest.mark.parametrize(
    ("digits", "expected"), [("6", (6, 6)), ("3-7", (3, 7)), (" 4 - 6 ", (4, 6)), ("20", (20, 20))]
)
def test_the_setting_is_a_count_or_a_range(digits: str, expected: tuple[int, int]) -> None:
    read = OrderFormat.read("", digits)
    assert (read.fewest, read.most) == expected


@pytest.mark.parametrize("digits", ["", "2", "7-3", "3-21", "six", "-6", "4-", "۶-", "3-7-9"])
def test_anything_else_is_refused_in_one_line(digits: str) -> None:
    with pytest.raises(ValueError, match="like 6"):
        OrderFormat.read("", digits)
