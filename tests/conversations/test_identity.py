"""The one-time code: every state of the form, in both languages."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import Customer

ORDER, MOBILE = "TS-104180", "09351112233"


def wrong(code: str) -> str:
    return str((int(code) + 1) % 1_000_000).zfill(6)


def waiting(customer: Customer) -> Customer:
    """Bring a Persian customer to where the code has just been sent."""
    customer.say(f"سفارش {ORDER} کجاست؟")
    customer.press("verify")
    assert "پیامک شد" in customer.say(MOBILE).text
    return customer


@pytest.fixture
def fa(customer: Customer) -> Customer:
    """A Persian customer whose code has just been sent."""
    return waiting(customer)


@pytest.fixture
def en(customer: Customer) -> Customer:
    """An English customer whose code has just been sent."""
    customer.say(f"Where is order {ORDER}?")
    customer.press("verify")
    assert "has been sent" in customer.say(MOBILE).text
    return customer


@pytest.mark.parametrize("shape", ["{code}", "کد {code} بود", "my code is {code}", "{spaced}", "{persian}"])
def test_verified(fa: Customer, shape: str) -> None:
    code = fa.code(MOBILE)
    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    answer = fa.say(shape.format(code=code, spaced=f"{code[:3]} {code[3:]}", persian=persian))
    assert answer.custom["security"]["level"] == 2


def test_wrong_then_right(en: Customer) -> None:
    code = en.code(MOBILE)
    assert "2 tries left" in en.say(wrong(code)).text
    assert en.say(code).custom["security"]["level"] == 2


def test_locked_after_three_and_the_right_code_is_void(fa: Customer) -> None:
    code = fa.code(MOBILE)
    fa.say(wrong(code))
    fa.say(wrong(code))
    assert "بسته شد" in fa.say(wrong(code)).text
    after = fa.say(code)
    assert after.custom.get("security", {}).get("level", 1) == 1
    assert "تیپاکس" not in after.text


def test_a_code_works_once(fa: Customer) -> None:
    code = fa.code(MOBILE)
    assert fa.say(code).custom["security"]["level"] == 2
    other = waiting(Customer(fa.stack))
    while other.code(MOBILE) == code:
        other = waiting(Customer(fa.stack))
    refused = other.say(code)
    assert "درست نبود" in refused.text
    assert refused.custom.get("security", {}).get("level", 1) == 1


def test_asking_again_within_the_minute(en: Customer) -> None:
    answer = en.say("the code did not arrive, send it again")
    assert "still valid" in answer.text
    assert en.say(en.code(MOBILE)).custom["security"]["level"] == 2


@pytest.mark.parametrize(("leave", "words"), [("بیخیال", "کنار گذاشتم"), ("never mind", "dropped")])
def test_leave_and_come_back(fa: Customer, leave: str, words: str) -> None:
    code = fa.code(MOBILE)
    assert words in fa.say(leave).text
    back = fa.say(f"سفارش {ORDER} کجاست؟")
    assert back.custom["security"]["level"] == 1
    fa.press("verify")
    assert fa.say(code).custom["security"]["level"] == 2


def test_a_side_question_is_answered_and_the_form_goes_on(fa: Customer) -> None:
    answer = fa.say("راستی هزینه ارسال به شیراز چنده؟")
    assert "شیراز" in answer.text
    assert "تومان" in answer.text
    assert "کد شش‌رقمی" in answer.text
    assert fa.say(fa.code(MOBILE)).custom["security"]["level"] == 2


def test_a_side_question_while_the_mobile_is_asked(customer: Customer) -> None:
    customer.say(f"Where is order {ORDER}?")
    customer.press("verify")
    answer = customer.say("what is your return policy?")
    assert "days of delivery" in answer.text
    assert "send your mobile number" in answer.text
    assert customer.verify(MOBILE).custom["security"]["level"] == 2


def test_another_number_starts_again(fa: Customer) -> None:
    old = fa.code(MOBILE)
    answer = fa.say("نه شماره‌ام 09361112244 هست")
    assert "پیامک شد" in answer.text
    assert fa.say(old).custom.get("security", {}).get("level", 1) == 1
    assert "ثبت نشده" in fa.say(fa.code("09361112244")).text


@pytest.mark.parametrize("text", ["0912", "09121234", "12345678"])
def test_no_mobile_at_all(customer: Customer, text: str) -> None:
    customer.say(f"سفارش {ORDER} کجاست؟")
    customer.press("verify")
    assert "نشناختم" in customer.say(text).text


def test_text_that_is_no_code(fa: Customer) -> None:
    assert "شش‌رقمی" in fa.say("آها باشه یه لحظه").text


def test_a_wrong_and_an_unknown_mobile_get_the_same_answer(customer: Customer) -> None:
    texts = []
    for mobile in ("09361112244", "09120000000"):
        asks = Customer(customer.stack)
        asks.say(f"Where is order {ORDER}?")
        asks.press("verify")
        answer = asks.say(mobile)
        texts.append((answer.status, answer.text.replace(mobile[-2:], "xx").replace(mobile[:4], "xxxx")))
    assert texts[0] == texts[1]


def test_verified_once_for_all_orders_of_the_mobile(customer: Customer) -> None:
    customer.say("سفارش TS-104233 کجاست؟")
    customer.press("verify")
    customer.verify("09121234567")
    assert customer.say("TS-104234").custom["security"]["level"] == 2


def test_the_proof_belongs_to_one_conversation(fa: Customer) -> None:
    fa.say(fa.code(MOBILE))
    stranger = Customer(fa.stack)
    assert stranger.say(f"سفارش {ORDER} کجاست؟").custom["security"]["level"] == 1
