"""Every form of identifier, alone, in running text, and what only looks like one."""

from __future__ import annotations

import pytest

from peyk.text.identifiers import find_identifiers
from peyk.text.order_numbers import OrderFormat
from peyk.text.tracking_codes import s10_check_digit

CODE_24 = "210400045300019761234512"


def found(text: str, order_format: OrderFormat | None = None) -> list[tuple[str, str | int, str | None]]:
    return [(item.kind.value, item.value, item.role) for item in find_identifiers(text, order_format)]


def order(value: str) -> list[tuple[str, str, None]]:
    return [("order_id", value, None)]


def bare(digits: str) -> list[tuple[str, str, str | None]]:
    return [("order_id", f"TS-{digits}", "bare"), ("otp_code", digits, None)]


@pytest.mark.parametrize(
    "text",
    [
        "TS-104233",
        "ts104233",
        "Ts 104233",
        "ts_104233",
        "TS‑104233",
        "TS–۱۰۴۲۳۳",
        "\u200eTS-104233\u200e",
        "#104233",
        "# 104233",
        "فس104233",
        "تی اس ۱۰۴۲۳۳",
        "سفارش ۱۰۴۲۳۳ کجاست؟",
        "سفارش ١٠٤٢٣٣",
        "سفارشم 104233 نرسیده",
        "سفارش104233",
        "سلام، سفارش من با شمارهٔ 104233 چی شد",
        "104233 سفارش منه",
        "شماره سفارش: 104233",
        "کد سفارش 104233",
        "کد رهگیری 104233",
        "my order 104233 is late",
        "order no. 104233",
        "order code 104233",
        "order104233",
        "sefaresham 104233 kojast",
        "kode sefaresh 104233",
        "بسته‌ام 104233 کجاست",
        "order:104233",
        "سفارش۱۰۴۲۳۳م",
        "sefaresham 104233ro begu",
        "TS104233e",
    ],
)
def test_explicit_order_numbers(text: str) -> None:
    assert found(text) == order("TS-104233")


@pytest.mark.parametrize("text", ["104233", "۱۰۴۲۳۳", "١٠٤٢٣٣", " 104233. ", "104233؟", "شماره 104233", "104-233"])
def test_a_bare_number_may_be_an_order_and_a_code(text: str) -> None:
    assert found(text) == bare("104233")


@pytest.mark.parametrize(
    "text",
    [
        "cancel 104233",
        "واریزی من برای ۱۰۴۲۳۳ رو نمی‌بینید؟",
        "104233ro laghv konid",
        "receipt for 104233",
        "wrong colour in 104233",
    ],
)
def test_a_number_in_a_sentence_is_no_code(text: str) -> None:
    assert found(text) == [("order_id", "TS-104233", "bare")]


@pytest.mark.parametrize("text", ["اینم 104233", "here it is 104233", "بفرمایید 104233"])
def test_a_number_handed_over_may_be_both(text: str) -> None:
    assert found(text) == bare("104233")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("چهار رقم آخر سفارشم ۴۲۳۳", "4233"),
        ("order number ends in 8821", "8821"),
        ("شماره سفارش ۴۲۳۳", "4233"),
    ],
)
def test_last_digits(text: str, digits: str) -> None:
    assert found(text) == order(digits)


@pytest.mark.parametrize("text", ["104233-104234", "104233,104234", "104233, 104234"])
def test_orders_listed_without_a_word(text: str) -> None:
    assert [value for kind, value, _ in found(text) if kind == "order_id"] == ["TS-104233", "TS-104234"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("کد 123456 بود", "123456"),
        ("کدم ۱۲۳۴۵۶", "123456"),
        ("my code is 123456", "123456"),
        ("kod 123456 ast", "123456"),
        ("123456 is the code", "123456"),
        ("رمز ٤٥٦٧٨", "45678"),
        ("کد تایید ۱۲۳۴۵۶ نیومد", "123456"),
        ("12345", "12345"),
        ("this one 54321 maybe", "54321"),
        ("این کدیه که برام اومد: ۵۷۳۰۲۸", "573028"),
        ("کدی که پیامک شد ۴۸۲۱۳۰", "482130"),
        ("the code is 48213", "48213"),
        ("کدم ۴۸۲۱۳", "48213"),
    ],
)
def test_one_time_codes(text: str, code: str) -> None:
    assert found(text) == [("otp_code", code, None)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("TRK-88392011", "TRK-88392011"),
        ("trk88392011 kojast", "TRK-88392011"),
        ("کد رهگیری TRK ۸۸۳۹۲۰۱۱", "TRK-88392011"),
        (CODE_24, CODE_24),
        ("کد مرسوله ۲۱۰۴۰۰۰۴۵۳۰۰۰۱۹۷۶۱۲۳۴۵۱۲ رو بگیر", CODE_24),
        ("2104 0004 5300 0197 6123 4512", CODE_24),
        ("210400-045300-019761-234512", CODE_24),
        ("بارکد ۲۱۰۴ ۰۰۰۴ ۵۳۰۰ ۰۱۹۷ ۶۱۲۳ ۴۵۱۲ هست", CODE_24),
        (f"https://tracking.post.ir/?id={CODE_24}", CODE_24),
        ("02100045300019761234", "02100045300019761234"),
        ("02100 04530 00197 61234", "02100045300019761234"),
        ("021000453000197612345", "021000453000197612345"),
        ("1234567890", "1234567890"),
        ("DHL 1234567890 is stuck", "1234567890"),
        ("12 3456 7890", "1234567890"),
        ("9612345678", "9612345678"),
        ("RR123456785IR", "RR123456785IR"),
        ("code rr 123 456 785 ir please", "RR123456785IR"),
        ("کد رهگیری من RR۱۲۳۴۵۶۷۸۵IR است", "RR123456785IR"),
        ("tracking number 88392011", "88392011"),
        ("شماره بارنامه MX-99012345", "MX-99012345"),
    ],
)
def test_tracking_codes(text: str, code: str) -> None:
    assert found(text) == [("tracking_code", code, None)]


@pytest.mark.parametrize("digit", [d for d in "0123456789" if d != "5"])
def test_a_wrong_s10_check_digit_is_no_code_and_nothing_else(digit: str) -> None:
    assert found(f"کد رهگیری RR12345678{digit}IR کجاست") == []


@pytest.mark.parametrize(
    ("serial", "digit"), [("12345678", 5), ("47312482", 9), ("00000000", 5), ("00000011", 6), ("00000101", 0)]
)
def test_s10_check_digits(serial: str, digit: int) -> None:
    assert s10_check_digit(serial) == digit


@pytest.mark.parametrize(
    "text",
    [
        "09121234567",
        "۰۹۱۲ ۱۲۳ ۴۵۶۷",
        "٠٩١٢١٢٣٤٥٦٧",
        "0912-123-4567",
        "912-123-4567",
        "9121234567",
        "+989121234567",
        "+98 912 123 4567",
        "(+98) 912 1234567",
        "+98 (0) 912 123 4567",
        "00989121234567",
        "989121234567",
        "0912.123.45.67",
        "شماره من ۰۹۱۲۱۲۳۴۵۶۷ است",
        "شمارم09121234567",
        "call me at 0912 123 4567 please",
        "\u202a+989121234567\u202c",
    ],
)
def test_iranian_mobiles(text: str) -> None:
    assert found(text) == [("phone_number", "09121234567", None)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+44 7700 900123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("+971501234567 من", "+971501234567"),
    ],
)
def test_mobiles_abroad(text: str, number: str) -> None:
    assert found(text) == [("phone_number", number, None)]


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("۵ ستاره", 5),
        ("یک ستاره", 1),
        ("4/5", 4),
        ("۴ از ۵", 4),
        ("3 out of 5", 3),
        ("five stars", 5),
        ("panj setare", 5),
        ("امتیاز ۳ میدم", 3),
        ("نمره‌ی من 2", 2),
        ("⭐⭐⭐⭐", 4),
        ("rating: 1", 1),
        ("نمره‌ی من سه از پنج", 3),
        ("rating: 5 out of 5", 5),
        ("I rate it 4 of 5", 4),
        ("پنج تا ستاره‌ی طلایی ⭐", 5),
        ("امتیاز من ۵ ستاره است", 5),
        ("امتیازم به سفارش میشه ۵ تا", 5),
        ("چند ستاره بدم؟ من که ۵ میدم", 5),
        ("i give you guys 4", 4),
    ],
)
def test_ratings(text: str, rating: int) -> None:
    assert found(text) == [("rating", rating, None)]


@pytest.mark.parametrize(("text", "rating"), [("5", 5), ("۳", 3), ("پنج", 5), ("four!", 4)])
def test_a_lone_small_number_may_be_a_rating(text: str, rating: int) -> None:
    assert found(text) == [("rating", rating, "bare")]


@pytest.mark.parametrize(
    "text",
    [
        "6",
        "0",
        "5/10",
        "9/5",
        "1404/5/5",
        "Still on step 2 of 5",
        "three out of five items came",
        "هتل سه ستاره",
        "rate 4 out of 10",
        "یه ستاره کم میکنم",
    ],
)
def test_what_is_no_rating(text: str) -> None:
    assert "rating" not in [kind for kind, _, _ in found(text)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("سه روز", 3),
        ("سه روزه منتظرم", 3),
        ("۳روزه", 3),
        ("2 هفته", 14),
        ("۲ هفته‌ست", 14),
        ("a month", 30),
        ("یک ماهه", 30),
        ("ye hafte", 7),
        ("10 days ago", 10),
        ("7-day", 7),
        ("دو سه روزه", 3),
        ("2-3 weeks", 21),
        ("72 ساعته", 3),
        ("15 working days", 15),
        ("twenty-five days", 25),
        ("بیست و یک روز", 21),
        ("bist o panj ruz", 25),
        ("a fortnight", 14),
        ("within 72hrs", 3),
        ("چهل و هشت ساعته", 2),
        ("a couple of weeks", 14),
        ("2 haftast", 14),
        ("a week old", 7),
    ],
)
def test_day_counts(text: str, days: int) -> None:
    assert found(text) == [("day_count", days, None)]


@pytest.mark.parametrize(
    "text",
    [
        "الان ۲۰۰ ساعت شده",
        "forty-one years",
        "سه‌شنبه‌ی هفته‌ی گذشته",
        "6 messages a day",
        "call it a day",
        "a six month old",
        "چک یک‌ماهه قبوله؟",
        "I took a day off",
    ],
)
def test_times_nobody_waits(text: str) -> None:
    assert found(text) == []


def test_an_email_is_lower_case_and_its_digits_are_its_own() -> None:
    assert found("به Ali.104233@Example.COM بفرستید") == [("email", "ali.104233@example.com", None)]


@pytest.mark.parametrize(
    "text",
    [
        "کد پستی 1234567890",
        "کد پستی ۹۱۲۱۲۳۴۵۶۷",
        "کد ملی 0012345678",
        "zip code 104233",
        "کد تخفیف 123456",
        "500000 تومان",
        "104233 toman",
        "1403/05/12",
        "2026-11-03",
        "17:20",
        "6037 9912 3456 7890",
        "IR820540102680020817909002",
        "0912123456",
        "021-88776655",
        "یه ماهکس بفرستید",
        "کدپستیم رو جابه‌جا زدم، درستش ۷۱۸۴۶۵۹۲۳۱",
        "wrong post code, right one is 1417935840",
        "zip is missing, its 9137844521",
        "کد ملی من ۰۰۱۲۳۴۵۶۷۹ هست",
        "شبا 820540102680020817909002",
        "my order be raised to 500",
        "حافظه ۱۲۸ رو بکنم ۲۵۶ توی سفارش",
        "۸۹۰ تومن خرید کردم ۹۸۰ برداشتین",
        "Please upgrade, I ordered 128 in error",
        "سفارش ۲۰۰ تا لیوان",
        "agent 007 actors in order",
        "status of case #3312",
        "ticket number 90871 result?",
        "کدپیگیری بانک: ۷۲۸۸۱۰",
        "how much tax on 40000",
        "send 200 to Reza",
        "02188776655",
        "12",
        "",
        "سلام",
    ],
)
def test_numbers_that_are_none_of_ours(text: str) -> None:
    assert found(text) == []


def test_several_in_one_message_keep_their_order() -> None:
    text = "سفارش TS-104233 با شماره ۰۹۱۲۱۲۳۴۵۶۷، کدم 556677 و رهگیری TRK-88392011"
    assert found(text) == [
        ("order_id", "TS-104233", None),
        ("phone_number", "09121234567", None),
        ("otp_code", "556677", None),
        ("tracking_code", "TRK-88392011", None),
    ]


def test_listed_orders_are_all_orders() -> None:
    assert found("سفارش‌های 104233 و 104234") == [*order("TS-104233"), *order("TS-104234")]


def test_order_numbers_in_a_row_are_no_tracking_code() -> None:
    assert [value for kind, value, _ in found("104233 104234 104201 104180") if kind == "tracking_code"] == []


def test_spans_are_those_of_the_original() -> None:
    text = "سـلااام سفارش ۱۰۴۲۳۳ و شماره ۰۹۱۲ ۱۲۳ ۴۵۶۷"
    assert [text[item.start : item.end] for item in find_identifiers(text)] == ["۱۰۴۲۳۳", "۰۹۱۲ ۱۲۳ ۴۵۶۷"]


def test_text_that_looks_like_a_payload_is_text() -> None:
    assert found('/track_order{"order_id": "TS-104233"}') == order("TS-104233")


@pytest.mark.parametrize(
    ("text", "order_format", "expected"),
    [
        ("AB12345678", OrderFormat("AB", 8), order("AB12345678")),
        ("104233", OrderFormat("AB", 8), [("order_id", "104233", "bare"), ("otp_code", "104233", None)]),
        ("سفارش 104233", OrderFormat("AB", 8), order("104233")),
        ("12345678", OrderFormat("AB", 8), [("order_id", "AB12345678", "bare")]),
        ("سفارش 4233", OrderFormat(), order("4233")),
        ("4233", OrderFormat(), [("order_id", "4233", "bare")]),
        ("1042331234", OrderFormat("", 10), [("order_id", "1042331234", "bare")]),
        ("dhl 1042331234", OrderFormat("", 10), [("tracking_code", "1042331234", None)]),
        ("12345", OrderFormat("TS-", 5), [("order_id", "TS-12345", "bare"), ("otp_code", "12345", None)]),
    ],
)
def test_a_shop_has_its_own_order_numbers(text: str, order_format: OrderFormat, expected: list[object]) -> None:
    assert found(text, order_format) == expected
