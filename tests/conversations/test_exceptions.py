"""When something is wrong: the truth, the reason, the next step, and one ticket."""

from __future__ import annotations

import re
import secrets

import pytest

from tests.conversations.conftest import Customer

TICKET = re.compile(r"PK-\d+")


@pytest.mark.parametrize(
    ("text", "mobile", "words"),
    [
        ("سفارش TS-104180 دیر کرده، قرار بود پنج روز پیش برسه", "09351112233", ("عذر می‌خواهیم", "PK-")),
        ("order TS-104180 is late, it should have been here days ago", "09351112233", ("sorry", "PK-")),
        ("سه روزه وضعیت TS-104190 هیچ تغییری نکرده", "09101112299", ("۸۰ ساعت", "PK-")),
        ("tracking for TS-104190 has not been updated for days", "09101112299", ("80 hours", "PK-")),
        ("برای سفارش TS-104165 نوشته تحویل شده ولی به دستم نرسیده", "09381112266", ("نگهبانی", "PK-")),
        ("TS-104165 is marked as delivered but I never received it", "09381112266", ("neighbours", "PK-")),
        ("بسته سفارش TS-104175 برگشت خورده به فرستنده", "09361112244", ("حضور نداشته", "PK-")),
        ("آدرس سفارش TS-104170 رو اشتباه زدم میخوام اصلاحش کنم", "09371112255", ("پلاک و کد پستی", "PK-")),
        ("I paid for TS-104242 but it is not registered", "09391112288", ("do not pay again", "PK-")),
        ("پول سفارش TS-104240 از حسابم کم شده ولی پرداخت ناموفق بود", "09391112277", ("دوباره پرداخت", "PK-")),
        ("می‌خوام سفارش TS-104201 رو پس بدم", "09121234567", ("مرجوعی", "PK-")),
        ("where is my refund for TS-104155?", "09121112299", ("refund of", "toman")),
        ("لطفا سفارش TS-104234 رو لغو کنید", "09121234567", ("لغو نشده است", "PK-")),
        ("cancel order TS-104233 please", "09121234567", ("can no longer be cancelled",)),
        ("کالای سفارش TS-104201 شکسته رسیده", "09121234567", ("بسته‌بندی", "PK-")),
        ("please send me the invoice for order TS-104201", "09121234567", ("document", "PK-")),
    ],
)
def test_the_truth_and_the_next_step(customer: Customer, text: str, mobile: str, words: tuple[str, ...]) -> None:
    asked = customer.say(text)
    assert "PK-" not in asked.text
    answer = customer.verify(mobile)
    for word in words:
        assert word in answer.text


@pytest.mark.parametrize(
    ("first", "then", "word"),
    [
        ("رهگیری 104165001234567890123457", "نوشته تحویل شده ولی به دستم نرسیده", "نگهبانی"),
        ("track 104165001234567890123457", "it says delivered but I never received it", "neighbours"),
    ],
)
def test_not_received_is_a_case_by_the_parcels_code_too(customer: Customer, first: str, then: str, word: str) -> None:
    assert TICKET.search(customer.say(first).text) is None
    assert TICKET.search(customer.say(then).text) is None
    answer = customer.verify("09381112266")
    assert word in answer.text
    assert TICKET.search(answer.text)
    assert "TS-104165" in answer.text


def test_a_ticket_is_opened_once_however_often_asked(customer: Customer) -> None:
    customer.say("سفارش TS-104163 گم شده!")
    first = TICKET.search(customer.verify("09381112277").text)
    again = TICKET.search(customer.say("سفارش TS-104163 گم شده! پیگیری کنید").text)
    assert first
    assert again
    assert first[0] == again[0]
    assert first[0] in customer.say("وضعیت تیکتم چی شد؟").text


@pytest.mark.parametrize(
    ("text", "words"), [("میخوام با آدم حرف بزنم", "برای همکارانم ثبت شد"), ("talk to a human", "our people")]
)
def test_a_person_is_asked_for(customer: Customer, text: str, words: str) -> None:
    answer = customer.say(text)
    assert words in answer.text
    assert TICKET.search(answer.text)


def test_a_stranger_sees_no_ticket(customer: Customer) -> None:
    customer.say("talk to a human")
    stranger = Customer(customer.stack)
    assert "no ticket" in stranger.say("what is the status of my ticket?").text


@pytest.mark.parametrize("language", ["fa", "en"])
def test_two_misses_end_with_a_person(customer: Customer, language: str) -> None:
    noise = {"fa": ("قلمبه سلمبه ژیگولی", "خرچنگولی ژفلقمبه"), "en": ("blorf wibble snarp", "zint quop frell")}
    customer.say({"fa": "سلام وقت بخیر", "en": "hello there"}[language])
    first = customer.say(noise[language][0])
    assert first.buttons
    second = customer.say(noise[language][1])
    assert {"fa": "همکار", "en": "colleague"}[language] in second.text
    accepted = customer.say({"fa": "آره", "en": "yes please"}[language])
    assert TICKET.search(accepted.text)


def test_a_message_sent_twice_is_answered_once(customer: Customer) -> None:
    message_id = secrets.token_hex(8)
    first = customer.stack.say("I want to complain, this is terrible", customer.name, message_id=message_id)
    second = customer.stack.say("I want to complain, this is terrible", customer.name, message_id=message_id)
    assert first.messages == second.messages


def test_a_request_survives_the_mobile_the_code_and_the_list(customer: Customer) -> None:
    customer.say("میخوام سفارشم رو لغو کنم")
    listed = customer.verify("09121234567")
    assert len(listed.titles) == 3
    done = customer.say("اولی")
    assert "لغو سفارش TS-104234" in done.text
    assert TICKET.search(done.text)


def test_a_side_question_about_another_order_does_not_take_the_request_over(customer: Customer) -> None:
    customer.say("I want to cancel TS-104234")
    assert "later than promised" in customer.say("where is TS-104180?").text
    done = customer.verify("09121234567")
    assert "order TS-104234" in done.text
    assert "not cancelled until" in done.text


def test_thanks_do_not_hide_a_question(customer: Customer) -> None:
    assert "on its way" in customer.say("thanks! and what about TS-104233?").text
