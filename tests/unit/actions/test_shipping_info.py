"""Before buying: only what the shop's tables and delivered parcels say, and the city understood from few words."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.events import FollowupAction

from peyk.domain.shipping import PaymentMethods, ReturnPolicy
from peyk.errors import Unavailable
from tests.unit.actions.fakes import ACTIONS, TALK, Chat, Line, done, slots
from tests.unit.actions.wording import RULES
from tests.unit.services.quotes import FakeQuotes

TIME, COVERAGE, METHODS, COST = (
    "action_answer_delivery_time",
    "action_answer_coverage",
    "action_answer_shipping_methods",
    "action_answer_shipping_cost",
)
BY_CITY = {TIME: "delivery_time", COVERAGE: "coverage", METHODS: "shipping_methods", COST: "shipping_cost"}
INTENT_OF = {action: intent for intent, action in RULES.items()}


def ask(chat: Chat, action: str, text: str = "", **found: Any) -> Any:
    return chat.ask(action, text, INTENT_OF[action], **found)


class TestByCity:
    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("action", BY_CITY)
    def test_a_city_that_is_served(self, chat: Chat, action: str, language: str) -> None:
        chat.slots["language"] = language
        answer = ask(chat, action, "تا تهران", city="Tehran")
        assert answer.said == [Line(f"utter_shipping_info_{BY_CITY[action]}_ok")]
        assert answer.events == done(shipping_question=action)
        assert chat.slots["city"] == "Tehran"
        for word in {"fa": ("تهران", "پست", "تیپاکس"), "en": ("Tehran", "Iran Post", "Tipax")}[language]:
            assert word in answer.text

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("action", BY_CITY)
    def test_no_city_is_asked_for(self, chat: Chat, action: str, language: str) -> None:
        chat.slots["language"] = language
        answer = ask(chat, action, "چقدر؟")
        assert answer.said == [Line(f"utter_shipping_info_{BY_CITY[action]}_no_city")]
        assert answer.events == done(shipping_question=action)

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("action", BY_CITY)
    def test_a_city_that_is_not_served(self, chat: Chat, action: str, language: str) -> None:
        chat.slots["language"] = language
        answer = ask(chat, action, "تا پاریس", city="Paris")
        assert answer.said == [Line(f"utter_shipping_info_{BY_CITY[action]}_not_served")]

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("action", [TIME, COST])
    def test_a_carrier_that_does_not_go_there(self, chat: Chat, action: str, language: str) -> None:
        chat.slots["language"] = language
        answer = ask(chat, action, "با تیپاکس تا رشت", city="Rasht", carrier="tipax")
        assert answer.said == [Line(f"utter_shipping_info_{BY_CITY[action]}_carrier_not_here")]

    @pytest.mark.parametrize("action", BY_CITY)
    def test_the_shop_is_down(self, chat: Chat, action: str) -> None:
        chat.world.storefront.error = Unavailable("shop")
        answer = ask(chat, action, "تا تهران", city="Tehran")
        assert answer.said == [Line(f"utter_shipping_info_{BY_CITY[action]}_unavailable")]

    @pytest.mark.parametrize("action", BY_CITY)
    def test_a_place_nobody_knows_is_not_invented(self, chat: Chat, action: str) -> None:
        chat.slots["city"] = "Tehran"
        answer = ask(chat, action, "ارسال به زرزرآباد دارید؟")
        assert answer.said == [Line("utter_shipping_info_unknown_city", (TALK,))]
        assert answer.events == done(shipping_question=action)
        assert "زرزرآباد" in answer.text
        assert "تهران" not in answer.text

    @pytest.mark.parametrize("action", BY_CITY)
    def test_a_pressed_button_names_no_place(self, chat: Chat, action: str) -> None:
        chat.press(f"/{INTENT_OF[action]}{{}}")
        assert chat.run(action).responses == [f"utter_shipping_info_{BY_CITY[action]}_no_city"]

    def test_the_destination_is_named_last(self, chat: Chat) -> None:
        answer = ask(chat, COST, "از تهران تا رشت", city=["Tehran", "Rasht"])
        assert "رشت" in answer.text
        assert answer.events == done(shipping_question=COST)
        assert chat.slots["city"] == "Rasht"


class TestEllipsis:
    @pytest.mark.parametrize(("first", "then"), [(TIME, COST), (COVERAGE, METHODS), (COST, TIME)])
    def test_the_city_is_remembered(self, chat: Chat, first: str, then: str) -> None:
        ask(chat, first, "تا رشت", city="Rasht")
        answer = ask(chat, then, "هزینش چی؟")
        assert answer.responses == [f"utter_shipping_info_{BY_CITY[then]}_ok"]
        assert "رشت" in answer.text

    @pytest.mark.parametrize("first", [TIME, METHODS, COST])
    def test_a_lone_city_goes_on_with_the_question(self, chat: Chat, first: str) -> None:
        ask(chat, first, "تا تهران", city="Tehran")
        answer = ask(chat, COVERAGE, "رشت چی؟", city="Rasht")
        assert answer.said == []
        assert answer.events == [FollowupAction(first)]
        assert chat.run(first).responses == [f"utter_shipping_info_{BY_CITY[first]}_ok"]

    def test_a_whole_question_is_a_question_of_its_own(self, chat: Chat) -> None:
        ask(chat, COST, "تا تهران", city="Tehran")
        answer = ask(chat, COVERAGE, "شما اصلاً به شهر رشت هم ارسال دارید؟", city="Rasht")
        assert answer.responses == ["utter_shipping_info_coverage_ok"]

    @pytest.mark.parametrize("first", BY_CITY)
    def test_a_city_that_was_not_understood_goes_on_too(self, chat: Chat, first: str) -> None:
        ask(chat, first, "چقدر؟")
        chat.slots["misses"] = 1
        answer = chat.ask("action_ask_back", "رشت", "nlu_fallback", city="Rasht")
        assert answer.said == []
        assert answer.events == [*slots(misses=0), FollowupAction(first)]


class TestFacts:
    def test_time_as_promised_and_as_measured(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        chat.world.storefront.days[("Tehran", "post")] = [2] * 5 + [3] * 4 + [6]
        text = ask(chat, TIME, "to Tehran", city="Tehran").text
        assert "half of the parcels arrived within 2 days and 90 % within 3 days (of 10 delivered)" in text
        assert "Tipax: the shop promises 1 to 2 working days" in text

    def test_cost_by_carrier_basket_and_weight(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        text = ask(chat, COST, "to Tehran for 3 kg and a basket of 500,000 toman", city="Tehran").text
        assert "Iran Post: 61,000 toman" in text
        assert "free for baskets from 1,000,000 toman" in text
        assert "Tipax: 120,000 toman" in text

    def test_a_large_basket_ships_free(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        text = ask(chat, COST, "a basket of 2 million toman to Tehran", city="Tehran").text
        assert "Iran Post: free" in text
        assert "Tipax: 90,000 toman" in text

    def test_only_the_carrier_asked_about(self, chat: Chat) -> None:
        text = ask(chat, COST, "با پست", city="Tehran", carrier="post").text
        assert "پست" in text
        assert "تیپاکس" not in text

    def test_cash_on_delivery_where_there_is(self, chat: Chat) -> None:
        text = ask(chat, METHODS, "تا تهران", city="Tehran").text.splitlines()
        assert ["پرداخت در محل" in line for line in text[1:]] == [True, False]


class TestReturnPolicy:
    ACTION = "action_answer_return_policy"

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("faulty", [True, False])
    @pytest.mark.parametrize("unopened", [True, False])
    def test_the_rule(
        self, chat: Chat, monkeypatch: pytest.MonkeyPatch, language: str, unopened: bool, faulty: bool
    ) -> None:
        monkeypatch.setattr(chat.world.storefront, "return_policy", lambda: ReturnPolicy(7, unopened, faulty, 5))
        chat.slots["language"] = language
        answer = ask(chat, self.ACTION, "مرجوعی؟")
        assert answer.said == [Line("utter_shipping_info_return_policy_ok")]
        assert answer.events == done()
        if language == "en":
            assert ("must be unopened" in answer.text) is unopened
            assert ("the shop pays" in answer.text) is faulty
            assert "within 7 days" in answer.text

    def test_the_shop_is_down(self, chat: Chat) -> None:
        chat.world.storefront.error = Unavailable("shop")
        assert ask(chat, self.ACTION, "مرجوعی؟").said == [Line("utter_shipping_info_return_policy_unavailable")]


class TestPaymentMethods:
    ACTION = "action_answer_payment_methods"

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_all_of_them_have_names(self, chat: Chat, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
        every = PaymentMethods(("card", "gateway", "cash_on_delivery", "instalments", "wallet"))
        monkeypatch.setattr(chat.world.storefront, "payment_methods", lambda: every)
        chat.slots["language"] = language
        answer = ask(chat, self.ACTION, "چطور پرداخت کنم")
        assert answer.said == [Line("utter_shipping_info_payment_methods_ok")]
        assert answer.events == done()

    def test_the_shop_is_down(self, chat: Chat) -> None:
        chat.world.storefront.error = Unavailable("shop")
        assert ask(chat, self.ACTION, "پرداخت").said == [Line("utter_shipping_info_payment_methods_unavailable")]


class TestProduct:
    ACTION = "action_answer_product"

    def test_its_facts(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        answer = ask(chat, self.ACTION, "are the headphones in stock?")
        assert answer.said == [Line("utter_shipping_info_product_ok")]
        assert answer.events == done()
        assert "18 months of warranty" in answer.text
        assert "in stock" in answer.text

    def test_what_the_shop_does_not_have_is_not_described(self, chat: Chat) -> None:
        assert ask(chat, self.ACTION, "یخچال دارید؟").said == [Line("utter_shipping_info_product_no_product")]

    def test_the_shop_is_down(self, chat: Chat) -> None:
        chat.world.storefront.error = Unavailable("shop")
        assert ask(chat, self.ACTION, "headphones").said == [Line("utter_shipping_info_product_unavailable")]

    def test_the_button_names_no_product(self, chat: Chat) -> None:
        chat.press("/ask_product_info{}")
        assert chat.run(self.ACTION).said == [Line("utter_shipping_info_product_ask")]


def test_every_action_before_buying_is_here() -> None:
    tested = {*BY_CITY, TestReturnPolicy.ACTION, TestPaymentMethods.ACTION, TestProduct.ACTION}
    assert {name for name in ACTIONS if name.startswith("action_answer_")} == tested


class TestPricesOfCarriers:
    """What a carrier asks is said with its source and its moment; what it does not say is not said."""

    @pytest.fixture
    def tipax(self) -> FakeQuotes:
        return FakeQuotes("tipax", ("tipax", 870_000, None))

    @pytest.fixture
    def chat(self, chat: Chat, tipax: FakeQuotes) -> Chat:
        chat.world.shipping._quotes = [FakeQuotes("postex", ("post", 590_000, 4)), tipax]
        return chat

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("fa", ("۵۹٬۰۰۰ تومان، تا ۴ روز کاری (به گفتهٔ پستکس، امروز", "تیپاکس: ۸۷٬۰۰۰ تومان (به گفتهٔ تیپاکس")),
            ("en", ("59,000 toman, within 4 working days (as Postex said today", "Tipax: 87,000 toman (as Tipax said")),
        ],
    )
    def test_with_currency_source_and_moment(self, chat: Chat, language: str, words: tuple[str, ...]) -> None:
        chat.slots["language"] = language
        answer = ask(chat, COST, "تا تهران", city="Tehran")
        assert answer.said == [Line("utter_shipping_info_shipping_cost_ok")]
        for each in words:
            assert each in answer.text

    @pytest.mark.parametrize(
        ("language", "word"), [("fa", "همین حالا پاسخی از آن نگرفتم"), ("en", "no answer just now")]
    )
    def test_who_is_silent_is_named(self, chat: Chat, tipax: FakeQuotes, language: str, word: str) -> None:
        chat.slots["language"] = language
        tipax.error = Unavailable("tipax")
        assert word in ask(chat, COST, "تا رشت", city="Rasht").text

    @pytest.mark.parametrize("action", [COVERAGE, METHODS])
    def test_without_a_table(self, chat: Chat, action: str) -> None:
        chat.world.storefront.error = Unavailable("shop")
        answer = ask(chat, action, "تا شیراز", city="Shiraz")
        assert answer.said == [Line(f"utter_shipping_info_{BY_CITY[action]}_ok")]
        assert "تیپاکس" in answer.text
