"""By number, by mobile, by tracking code, and what "it" and "the other one" mean."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import Customer

MOBILE = "09121234567"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("TS-104233", "TS-104233"),
        ("ts104233 koja mond", "TS-104233"),
        ("#104233", "TS-104233"),
        ("104233", "TS-104233"),
        ("سفارش ۱۰۴۲۳۳ چی شد؟", "TS-104233"),
        ("٤ سلام خسته نباشید سفارش من TS-104233 کجاست لطفا", "TS-104233"),
        ("hi, could you tell me where order 104180 is please", "TS-104180"),
    ],
)
def test_every_way_to_write_a_number(customer: Customer, text: str, order: str) -> None:
    assert customer.say(text).custom["order"]["orderId"] == order


def test_a_bare_number_answers_the_question_which_order(customer: Customer) -> None:
    asked = customer.say("سفارشم رو می‌خوام لغو کنم")
    assert "کدام سفارش" in asked.text
    answer = customer.say("۱۰۴۲۳۴")
    assert "مال شماست" in answer.text
    done = customer.verify(MOBILE)
    assert "PK-" in done.text
    assert "لغو نشده است" in done.text


def test_it_means_the_order_named_before(customer: Customer) -> None:
    customer.say("where is TS-104180?")
    again = customer.say("where is it now?")
    assert again.custom["order"]["orderId"] == "TS-104180"


class TestByMobile:
    """A code first, then the last three orders, and every way to choose one."""

    @pytest.fixture
    def listed(self, customer: Customer) -> Customer:
        customer.say("شماره‌ام ۰۹۱۲ ۱۲۳ ۴۵۶۷ است، سفارش‌هام کجان؟")
        answer = customer.say(f"کد {customer.code(MOBILE)} بود")
        assert [title[:9] for title in answer.titles] == ["TS-104234", "TS-104233", "TS-104201"]
        return customer

    @pytest.mark.parametrize(
        ("words", "order"),
        [
            ("دومی", "TS-104233"),
            ("the second one", "TS-104233"),
            ("آخری", "TS-104201"),
            ("1", "TS-104234"),
            ("۳", "TS-104201"),
            ("104201", "TS-104201"),
            ("همون هدفونه", "TS-104233"),
            ("the kettle", "TS-104201"),
            ("سفارش امروز", "TS-104234"),
        ],
    )
    def test_choose(self, listed: Customer, words: str, order: str) -> None:
        assert listed.say(words).custom["order"]["orderId"] == order

    def test_choose_by_button(self, listed: Customer) -> None:
        assert listed.press("TS-104234").custom["order"]["orderId"] == "TS-104234"

    def test_the_other_one_of_three_is_asked_about(self, listed: Customer) -> None:
        listed.say("دومی")
        assert len(listed.say("نه، اون یکی").titles) == 3

    def test_nothing_is_listed_before_the_code(self, customer: Customer) -> None:
        answer = customer.say(f"my mobile is {MOBILE}, show my orders")
        assert "TS-" not in str(answer.messages)
        wrong = customer.say("000000" if customer.code(MOBILE) != "000000" else "111111")
        assert "TS-" not in str(wrong.messages)

    def test_an_order_of_another_mobile_stays_at_its_stage(self, listed: Customer) -> None:
        answer = listed.say("TS-104180")
        assert answer.custom["security"]["level"] == 1
        assert "ثبت نشده است" in answer.text
        assert "تیپاکس" not in answer.text


@pytest.mark.parametrize(
    ("text", "carrier", "event"),
    [
        ("TRK-88392011", "پست", "تحویل به مرکز مبادلات"),
        ("کد رهگیری TRK-88392011 کجاست؟", "پست", "تحویل به مرکز مبادلات"),
        ("track 1234567890 please", "DHL", "on hold"),
    ],
)
def test_by_tracking_code_nothing_personal(customer: Customer, text: str, carrier: str, event: str) -> None:
    answer = customer.say(text)
    assert carrier in answer.text
    assert event in answer.text
    assert "http" in answer.text
    assert answer.custom["security"]["level"] == 1
    assert "order" not in answer.custom
    assert "TS-1" not in str(answer.messages)


def test_a_tracking_code_nobody_knows(customer: Customer) -> None:
    assert "could not find this tracking code" in customer.say("where is parcel TRK-00000001?").text


def test_the_tracking_code_only_after_the_proof(customer: Customer) -> None:
    asked = customer.say("کد رهگیری سفارش TS-104233 رو بدید")
    assert "TRK" not in asked.text
    assert "TRK-88392011" in customer.verify(MOBILE).text


class TestLanguage:
    """The language of the last clear message; a number alone keeps it; asking for one wins."""

    def test_a_number_alone_keeps_the_language(self, customer: Customer) -> None:
        customer.say("hello there, can you help me")
        assert "on its way" in customer.say("TS-104233").text
        assert "در راه" in customer.say("سفارشم کجاست؟").text
        assert "در راه" in customer.say("104233").text

    def test_finglish_is_answered_in_persian(self, customer: Customer) -> None:
        assert "در راه" in customer.say("salam sefareshe TS-104233 koja mond").text

    def test_asking_for_a_language_wins(self, customer: Customer) -> None:
        assert "English" in customer.say("لطفا انگلیسی صحبت کن").text
        assert "on its way" in customer.say("104233").text
        assert "فارسی" in customer.say("speak Persian please").text
        assert "در راه" in customer.say("104233").text


def test_a_delivered_order_takes_a_rating(customer: Customer) -> None:
    asked = customer.say("where is TS-104201?")
    assert "from 1 to 5" in asked.text
    assert "5" in customer.press("5 stars").text
    customer.say("where is TS-104201?")
    assert "4" in customer.say("4").text


def test_an_order_on_its_way_is_not_rated(customer: Customer) -> None:
    customer.say("where is TS-104233?")
    assert "only save a rating for a delivered order" in customer.say("I give it 5 stars").text
