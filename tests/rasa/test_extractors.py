"""Entities in running text, as Rasa gets them."""

from __future__ import annotations

import pytest

from peyk.nlu.identifiers import parse_mobile
from tests.rasa.nlu_helpers import entities_of, values


@pytest.mark.parametrize(
    ("text", "entity", "value", "piece"),
    [
        ("سلام، سفارش ۱۰۴۲۳۳ کجاست", "order_id", "TS-104233", "۱۰۴۲۳۳"),
        ("where is ts104233?", "order_id", "TS-104233", "ts104233"),
        ("کدش TRK-88392011 بود", "tracking_code", "TRK-88392011", "TRK-88392011"),
        (
            "بارکد 2104 0004 5300 0197 6123 4512 هست",
            "tracking_code",
            "210400045300019761234512",
            "2104 0004 5300 0197 6123 4512",
        ),
        ("rr 123 456 785 ir", "tracking_code", "RR123456785IR", "rr 123 456 785 ir"),
        ("کد من ٤٥٦٧٨ است", "otp_code", "45678", "٤٥٦٧٨"),
        ("موبایلم ۰۹۱۲ ۱۲۳ ۴۵۶۷", "phone_number", "09121234567", "۰۹۱۲ ۱۲۳ ۴۵۶۷"),
        ("it is +44 7700 900123", "phone_number", "+447700900123", "+44 7700 900123"),
        ("mail: A@B.com", "email", "a@b.com", "A@B.com"),
        ("۵ ستاره می‌دم", "rating", 5, "۵ ستاره"),
        ("دو هفته‌ست خبری نیست", "day_count", 14, "دو هفته‌ست"),
        ("من اصفهانم", "city", "Isfahan", "اصفهانم"),
        ("تهرانه مقصدش", "city", "Tehran", "تهرانه"),
        ("به خرم آباد می‌فرستید؟", "city", "Khorramabad", "خرم آباد"),
        ("خرّم‌آباد", "city", "Khorramabad", "خرّم‌آباد"),
        ("ship to New York", "city", "New York", "New York"),
        ("befrestid be esfahan", "city", "Isfahan", "esfahan"),
        ("به اصفحان", "city", "Isfahan", "اصفحان"),
        ("do you deliver to Isfahn", "city", "Isfahan", "Isfahn"),
        ("برای شهر کرد", "city", "Shahrekord", "شهر کرد"),
        ("خوی هستم", "city", "Khoy", "خوی"),
        ("با پست پیشتاز", "carrier", "post", "پست پیشتاز"),
        ("تیپاکسه؟", "carrier", "tipax", "تیپاکسه"),
        ("by fed ex", "carrier", "fedex", "fed ex"),
        ("اسنپ‌باکس دارید", "carrier", "snapp", "اسنپ‌باکس"),
        ("ba chapar", "carrier", "chapar", "chapar"),
        ("پیک کی میاد", "carrier", "courier", "پیک"),
        ("تا دهلران میاد", "city", "Dehloran", "دهلران"),
        ("گنبد کاووسم", "city", "Gonbad-e Kavus", "گنبد کاووسم"),
        ("تا نورآباد ممسنی", "city", "Nurabad", "نورآباد ممسنی"),
        ("past Taleghan", "city", "Taleqan", "Taleghan"),
        ("marz e ma mariwan e", "city", "Marivan", "mariwan"),
        ("هنوز تو پسته", "carrier", "post", "پسته"),
        ("تحویل پست شده", "carrier", "post", "پست"),
        ("الوپیک دارید", "carrier", "courier", "الوپیک"),
        ("مَاهِكس", "carrier", "mahex", "مَاهِكس"),
    ],
)
def test_each_entity(text: str, entity: str, value: object, piece: str) -> None:
    found = [item for item in entities_of(text) if item["entity"] == entity]
    assert [(item["value"], text[item["start"] : item["end"]]) for item in found] == [(value, piece)]


@pytest.mark.parametrize(
    "text",
    [
        "کلن خوب نیست",
        "رم گوشی چقدره",
        "پرت و پلا نگو",
        "کد پستی من",
        "سفارشم رو می‌خوام",
        "I want to manage my order",
        "تو دوربین هست",
        "مشق ریاضی پسرم",
        "نوشته تحویل به رضایی",
        "ترکی استانبولی حرف بزن",
        "قورمه شیرازی",
        "کیش و مات",
        "be maryam bego",
        "share my thoughts",
        "dorood bar shoma",
        "kheyli sari bud",
        "کابل شارژش خرابه",
        "یک کیلو پسته خام",
        "wrong post code",
        "would you post it",
        "I'll post this on Instagram",
        "دوباره پست میشه؟",
        "ساعت پیک ترافیک",
        "پیک‌نیک جمعه",
        "airport terminal two",
        "snapp pay darid",
        "roghan motori",
        "پستچی نیومد",
        "bali",
        "badrood",
        "badrood khosh begzare",
        "ye khash ruye safhe bud",
        "خسته شدم از این غم",
        "aghalan ye zang bezanid",
        "آش رشته بلدی",
        "ghaza sefaresh bede",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert values(entities_of(text), "city", "carrier") == []


def test_a_yes_that_is_also_an_island() -> None:
    assert values(entities_of("be bali ersal darid?"), "city") == ["Bali"]


def test_an_ambiguous_name_is_a_city_after_a_preposition() -> None:
    assert values(entities_of("به کلن می‌فرستید"), "city") == ["Cologne"]


def test_two_cities_and_a_carrier() -> None:
    found = entities_of("از تهران به بندر عباس با تیپاکس")
    assert values(found, "city") == ["Tehran", "Bandar Abbas"]
    assert values(found, "carrier") == ["tipax"]


def test_two_carriers_side_by_side() -> None:
    assert values(entities_of("tipax ya post farghi nadare"), "carrier") == ["tipax", "post"]


def test_two_cities_side_by_side() -> None:
    assert values(entities_of("rasht na sari"), "city") == ["Rasht", "Sari"]


def test_a_wrong_check_digit_gives_no_code() -> None:
    assert values(entities_of("کد RR123456784IR"), "tracking_code", "otp_code", "order_id") == []


def test_a_bare_number_comes_twice_with_its_role() -> None:
    found = [(item["entity"], item.get("role"), item["value"]) for item in entities_of("۱۰۴۲۳۳")]
    assert found == [("order_id", "bare", "TS-104233"), ("otp_code", None, "104233")]


def test_every_entity_names_its_extractor() -> None:
    assert {item["extractor"] for item in entities_of("سفارش 104233 به تهران")} == {
        "IdentifierExtractor",
        "GazetteerExtractor",
    }


def test_the_order_format_comes_from_configuration_then_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEYK_ORDER_PREFIX", "SHOP-")
    monkeypatch.setenv("PEYK_ORDER_DIGITS", "8")
    assert values(entities_of("سفارش 12345678"), "order_id") == ["SHOP-12345678"]
    assert values(entities_of("سفارش 12345", {"order_prefix": "X", "order_digits": 5}), "order_id") == ["X12345"]
    monkeypatch.setenv("PEYK_ORDER_PREFIX", "")
    monkeypatch.setenv("PEYK_ORDER_DIGITS", "3-7")
    monkeypatch.setenv("PEYK_ORDER_SUFFIX", "-A")
    assert values(entities_of("سفارش 9999 و ۱۰۰۰۰"), "order_id") == ["9999-A", "10000-A"]


@pytest.mark.parametrize(
    ("typed", "mobile"),
    [
        ("09121234567", "09121234567"),
        ("+989121234567", "09121234567"),
        ("+447700900123", "+447700900123"),
        ("09501234567", None),
        ("02188776655", None),
        ("+98912123456", None),
        ("+1", None),
        ("abc", None),
    ],
)
def test_mobiles_are_checked_against_the_numbering_plan(typed: str, mobile: str | None) -> None:
    assert parse_mobile(typed) == mobile
