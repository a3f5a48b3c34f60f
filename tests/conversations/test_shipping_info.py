"""Before buying: answers from the shop's tables, ellipsis understood, nothing invented."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import Customer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ارسال به شیراز چند روز طول می‌کشه؟", ("شیراز", "روز کاری", "پست")),
        ("How long does delivery to Tehran take?", ("Tehran", "working days", "90 %")),
        ("chand rooze mirese mashhad?", ("مشهد", "روز کاری")),
        ("با تیپاکس تا تبریز چند روزه می‌رسه؟", ("تبریز", "تیپاکس")),
        ("به یزد هم ارسال دارید؟", ("بله", "یزد")),
        ("do you ship to Berlin?", ("Yes", "Berlin", "DHL")),
        ("ارسال به اصفهان با چه روش‌هایی هست؟", ("اصفهان", "پست")),
        ("هزینه ارسال به رشت چنده؟", ("رشت", "تومان")),
        ("how much is shipping to Tabriz with Tipax", ("Tabriz", "Tipax", "toman")),
        ("شرایط مرجوع کردن کالا چیه؟", ("۷ روز", "مرجوعی")),
        ("what is your return policy", ("7 days",)),
        ("چجوری میتونم پرداخت کنم؟", ("راه‌های پرداخت",)),
        ("what payment methods do you accept?", ("You can pay by",)),
        ("هدفون گارانتی داره؟", ("هدفون", "تومان")),
        ("is the kettle in stock?", ("kettle", "toman")),
    ],
)
def test_answer(customer: Customer, text: str, words: tuple[str, ...]) -> None:
    answer = customer.say(text)
    for word in words:
        assert word in answer.text


def test_the_city_stays_in_mind(customer: Customer) -> None:
    customer.say("به شیراز ارسال دارید؟")
    cost = customer.say("هزینش چی؟")
    assert "هزینهٔ ارسال به شیراز" in cost.text


def test_the_question_stays_in_mind(customer: Customer) -> None:
    customer.say("how much is shipping to Shiraz?")
    assert "Shipping cost to Mashhad" in customer.say("and to Mashhad?").text


def test_a_missing_city_is_asked_for_and_then_answered(customer: Customer) -> None:
    assert "کدام شهر" in customer.say("هزینه ارسال چقدره؟").text
    assert "هزینهٔ ارسال به کرمان" in customer.say("کرمان").text


def test_a_basket_over_the_limit_ships_free(customer: Customer) -> None:
    paid = customer.say("هزینه ارسال به شیراز با پست برای خرید ۵۰۰ هزار تومانی چقدر میشه؟")
    assert "رایگان (" not in paid.text
    free = customer.say("هزینه ارسال به شیراز با پست برای خرید ۵۰ میلیون تومانی چقدر میشه؟")
    assert "رایگان (" in free.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ارسال به ناکجاآباد چند روزه می‌رسه؟", "ناکجاآباد"),
        ("how long does delivery to Neverlandia take?", "Neverlandia"),
    ],
)
def test_an_unknown_city_is_not_invented(customer: Customer, text: str, words: str) -> None:
    answer = customer.say(text)
    assert words in answer.text
    assert "روز کاری" not in answer.text
    assert "working days" not in answer.text


def test_a_known_city_before_does_not_answer_for_an_unknown_one(customer: Customer) -> None:
    customer.say("how much is shipping to Shiraz?")
    answer = customer.say("and how much is shipping to Neverlandia?")
    assert "Shiraz" not in answer.text
    assert "toman" not in answer.text


def test_a_carrier_that_does_not_go_there(customer: Customer) -> None:
    answer = customer.say("هزینه ارسال به شیراز با DHL چقدره؟")
    assert "با دی‌اچ‌ال (DHL) ارسال نداریم" in answer.text
