"""The tracking code for its owner, the list of orders, and the choice from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rasa_sdk.events import FollowupAction

from peyk.domain.money import Money
from peyk.domain.orders import OrderItem, OrderStatus
from peyk.domain.situations import Situation
from peyk.errors import Unavailable
from tests.unit.actions.fakes import CHANGE_MOBILE, LISTEN, TALK, About, Chat, Line, done, slots
from tests.unit.actions.lines import full_answer
from tests.unit.actions.stories import CODE, NUMBER, TELL, TELL_LITTLE
from tests.unit.services.fakes import NOW, OTHER_MOBILE, order

TRACK = "action_track_order"
BY_MOBILE = "/press_my_orders{}"


class TestGiveTrackingCode:
    GIVE = "action_give_tracking_code"

    def test_which_order(self, chat: Chat) -> None:
        answer = chat.ask(self.GIVE, "کد رهگیریم", "ask_tracking_code")
        assert answer.said == [Line("utter_tracking_ask_number", (BY_MOBILE, TALK))]
        assert answer.events == done(pending_request=self.GIVE)

    def test_a_customer_who_has_it_wants_the_parcel(self, chat: Chat) -> None:
        answer = chat.ask(self.GIVE, f"کد رهگیری من {CODE}", "ask_tracking_code", tracking_code=CODE)
        assert answer.said == []
        assert answer.events == [FollowupAction(TRACK)]

    def test_only_to_its_owner(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        answer = chat.ask(self.GIVE, f"کد رهگیری {NUMBER}", "ask_tracking_code", order_id=NUMBER)
        assert answer.said == [Line("utter_tracking_code_needs_identity")]
        assert answer.events == [
            *slots(
                subject="order", pending_note=f"کد رهگیری {NUMBER}", pending_order=NUMBER, pending_request=self.GIVE
            ),
            FollowupAction("identity_form"),
        ]
        assert CODE not in answer.text

    def test_not_to_the_owner_of_another_mobile(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.world.prove(OTHER_MOBILE)
        answer = chat.ask(self.GIVE, f"کد رهگیری {NUMBER}", "ask_tracking_code", order_id=NUMBER)
        assert answer.responses == ["utter_tracking_stage_in_transit", "utter_identity_other_mobile"]
        assert CODE not in answer.text

    @pytest.mark.parametrize("situation", Situation)
    def test_the_owner_gets_the_code_of_a_shipped_order(self, chat: Chat, situation: Situation) -> None:
        TELL[situation](chat.world)
        chat.world.prove()
        shipped = bool(chat.world.orders.orders[0].shipments)
        answer = chat.ask(self.GIVE, f"کد رهگیری {NUMBER}", "ask_tracking_code", order_id=NUMBER)
        assert (CODE in answer.text) is shipped

    def test_a_delivered_order_asks_for_no_rating_here(self, chat: Chat) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.world.prove()
        answer = chat.ask(self.GIVE, f"کد رهگیری {NUMBER}", "ask_tracking_code", order_id=NUMBER)
        assert answer.said == [*full_answer(Situation.DELIVERED), Line("utter_tracking_parcels")]
        assert answer.events == done(subject="order")

    def test_late_and_not_shipped_has_none_yet(self, chat: Chat) -> None:
        TELL_LITTLE["late, not shipped"](chat.world)
        chat.world.prove()
        answer = chat.ask(self.GIVE, f"کد رهگیری {NUMBER}", "ask_tracking_code", order_id=NUMBER)
        assert answer.responses == ["utter_tracking_no_code_yet", "utter_tracking_detail_late"]

    def test_before_the_carrier_has_it_there_is_none(self, chat: Chat) -> None:
        TELL[Situation.PREPARING](chat.world)
        chat.world.prove()
        answer = chat.ask(self.GIVE, f"کد رهگیری {NUMBER}", "ask_tracking_code", order_id=NUMBER)
        assert answer.said == [Line("utter_tracking_no_code_yet"), *full_answer(Situation.PREPARING)]
        assert answer.events == done(subject="order")

    @pytest.mark.parametrize("situation", [Situation.CANCELLED, Situation.REFUNDED, Situation.REFUND_PENDING])
    def test_a_cancelled_order_is_not_promised_a_code(self, chat: Chat, situation: Situation) -> None:
        TELL[situation](chat.world)
        chat.world.prove()
        answer = chat.ask(self.GIVE, f"کد رهگیری {NUMBER}", "ask_tracking_code", order_id=NUMBER)
        assert answer.said == full_answer(situation)


def three_orders(chat: Chat) -> None:
    """MOBILE has three orders: headphones, shoes, a kettle, newest first."""
    kinds = [("هدفون بی‌سیم", "Wireless headphones"), ("کفش کتانی", "Sneakers"), ("کتری برقی", "Electric kettle")]
    for age, (fa, en) in enumerate(kinds, start=1):
        made = order(f"TS-10423{age}", status=OrderStatus.PAID, shipments=(), placed_at=NOW - timedelta(days=age))
        chat.world.orders.orders.append(replace(made, items=(OrderItem("X", fa, en, 1, Money.rial(1_000_000)),)))
    chat.world.prove()


CHOICES = tuple(f'/track_order{{"order_id": "TS-10423{age}"}}' for age in (1, 2, 3))


class TestListOrders:
    LIST = "action_list_orders"

    def test_nothing_is_proven(self, chat: Chat) -> None:
        answer = chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        assert answer.said == []
        assert answer.events[-2:] == [*slots(pending_request=self.LIST), FollowupAction("identity_form")]

    def test_no_orders(self, chat: Chat) -> None:
        chat.world.prove()
        answer = chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        assert answer.said == [Line("utter_tracking_no_orders", (CHANGE_MOBILE, TALK))]
        assert answer.events == [LISTEN]

    def test_the_shop_is_down(self, chat: Chat) -> None:
        chat.world.prove()
        chat.world.orders.error = Unavailable("shop")
        answer = chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        assert answer.said == [Line("utter_tracking_unavailable", (TALK,))]

    def test_one_order_is_shown_at_once(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.world.prove()
        answer = chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        assert answer.said == full_answer(Situation.IN_TRANSIT)
        assert answer.events == done(order_id=NUMBER, subject="order")

    @pytest.mark.parametrize(
        ("language", "title"),
        [("fa", "TS-104231، ۲۹ آبان ۱۴۰۵، ثبت‌شده"), ("en", "TS-104231, 20 November 2026, registered")],
    )
    def test_several_are_buttons_with_date_and_stage(self, chat: Chat, language: str, title: str) -> None:
        three_orders(chat)
        chat.slots["language"] = language
        answer = chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        assert answer.said == [Line("utter_tracking_choose_order", CHOICES)]
        assert answer.titles[0][0] == title
        assert answer.events == done(orders_offered=True, pending_offer="choose")

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("دومی", "TS-104232"),
            ("the second", "TS-104232"),
            ("آخری", "TS-104233"),
            ("همون هدفونه", "TS-104231"),
            ("the sneakers", "TS-104232"),
            ("دیروزی", "TS-104231"),
            ("۳", "TS-104233"),
        ],
    )
    def test_words_choose_one(self, chat: Chat, text: str, number: str) -> None:
        three_orders(chat)
        chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        answer = chat.ask(TRACK, text, "track_order")
        assert answer.responses == ["utter_tracking_detail_registered"]
        assert answer.events == done(order_id=number, subject="order", pending_offer=None)

    def test_the_other_one_switches(self, chat: Chat) -> None:
        three_orders(chat)
        chat.world.orders.orders.pop()
        chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        chat.ask(TRACK, "اولی", "track_order")
        answer = chat.ask("action_deny", "نه، اون یکی", "deny")
        assert answer.said == []
        assert answer.events == [*slots(order_id="TS-104232"), FollowupAction(TRACK)]

    def test_the_other_one_of_three_asks_which(self, chat: Chat) -> None:
        three_orders(chat)
        chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        chat.ask(TRACK, "اولی", "track_order")
        answer = chat.say("نه، اون یکی", "deny")
        assert answer.said == [Line("utter_tracking_choose_order", CHOICES)]
        assert chat.steps == ["action_deny", self.LIST]

    def test_a_long_sentence_is_no_choice(self, chat: Chat) -> None:
        three_orders(chat)
        chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        answer = chat.ask("action_deny", "نه ممنون اون هدفون رو دیگه اصلاً نمی‌خوام", "deny")
        assert answer.said == [Line("utter_general_deny")]

    def test_the_press_of_a_choice_shows_it(self, chat: Chat) -> None:
        three_orders(chat)
        chat.ask(self.LIST, "سفارش‌هام", "press_my_orders")
        chat.press(CHOICES[2])
        answer = chat.run(TRACK)
        assert answer.said[0].custom == About("TS-104233", "registered", 2)
