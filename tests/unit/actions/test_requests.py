"""What was asked for lives on until it is answered, for its own order, with the customer's own words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from peyk.domain.orders import OrderStatus
from peyk.domain.situations import Situation
from peyk.domain.tickets import TicketReason
from tests.unit.actions.fakes import MY_ORDERS, Answer, Chat, slots
from tests.unit.actions.identity_steps import in_form, with_code
from tests.unit.actions.lines import VERIFY, act, full_answer
from tests.unit.actions.stories import NUMBER, TELL
from tests.unit.services.fakes import MOBILE, NOW, OTHER_MOBILE, order

OTHER = "TS-104234"
WORDS = "سفارشم رو لغو کن، پشیمون شدم"
CHOICE = f'/track_order{{"order_id": "{NUMBER}"}}'


def two_orders(chat: Chat) -> None:
    """MOBILE has NUMBER and, older, OTHER; neither has left the shop."""
    TELL[Situation.REGISTERED](chat.world)
    chat.world.orders.orders.append(
        order(OTHER, status=OrderStatus.PREPARING, shipments=(), placed_at=NOW - timedelta(days=30))
    )


def type_code(chat: Chat) -> Answer:
    """Type the code that was sent last."""
    return chat.say("کد", "track_order", bare=chat.world.messenger.last_code)


def opened(chat: Chat) -> list[tuple[TicketReason, str | None]]:
    return [(ticket.reason, ticket.order_number) for ticket in chat.world.helpdesk.tickets]


def notes(chat: Chat) -> list[str]:
    return [ticket.note for ticket in chat.world.helpdesk.tickets]


CANCELLED = [(TicketReason.CANCEL, NUMBER)]


class TestOrderList:
    """ "cancel my order" – "which one?" – the order chosen from the list is the one to cancel."""

    def test_the_only_order(self, chat: Chat) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.slots["pending_request"] = "action_cancel_order"
        chat.world.prove()
        chat.press_turn(MY_ORDERS)
        assert chat.steps == ["action_list_orders", "action_cancel_order"]
        assert opened(chat) == CANCELLED
        assert chat.slots["pending_request"] is None

    def test_by_its_button(self, chat: Chat) -> None:
        two_orders(chat)
        chat.world.prove()
        chat.say(WORDS, "cancel_order")
        assert chat.press_turn(MY_ORDERS).responses == ["utter_tracking_choose_order"]
        chat.press_turn(CHOICE)
        assert opened(chat) == CANCELLED
        assert chat.slots["pending_request"] is None

    def test_by_words(self, chat: Chat) -> None:
        two_orders(chat)
        chat.world.prove()
        chat.say(WORDS, "cancel_order")
        chat.press_turn(MY_ORDERS)
        chat.say("اولی", "track_order")
        assert opened(chat) == CANCELLED

    @pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope", "greet", "affirm", "give_feedback"])
    def test_by_words_whatever_they_look_like(self, chat: Chat, intent: str) -> None:
        two_orders(chat)
        chat.world.prove()
        chat.say(WORDS, "cancel_order")
        chat.press_turn(MY_ORDERS)
        chat.say("اولی", intent)
        assert opened(chat) == CANCELLED

    def test_by_number(self, chat: Chat) -> None:
        two_orders(chat)
        chat.world.prove()
        chat.say(WORDS, "cancel_order")
        chat.press_turn(MY_ORDERS)
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert opened(chat) == CANCELLED

    @pytest.mark.parametrize("way", ["typed", "button"])
    @pytest.mark.parametrize("several", [False, True])
    def test_after_proving_the_mobile(self, chat: Chat, way: str, several: bool) -> None:
        TELL[Situation.REGISTERED](chat.world)
        if several:
            chat.world.orders.orders.append(order(OTHER, status=OrderStatus.PREPARING, shipments=()))
        chat.say(WORDS, "cancel_order")
        if way == "button":
            chat.press_turn(MY_ORDERS)
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        answer = type_code(chat)
        if several:
            if answer.responses[-1] != "utter_tracking_choose_order":
                answer = chat.press_turn(MY_ORDERS)
            assert answer.responses[-1] == "utter_tracking_choose_order"
            chat.press_turn(CHOICE)
        assert opened(chat) == CANCELLED

    def test_something_else_in_between_ends_it(self, chat: Chat) -> None:
        two_orders(chat)
        chat.world.prove()
        chat.say(WORDS, "cancel_order")
        answer = chat.say("راه‌های پرداخت؟", "ask_payment_methods")
        assert answer.events[-2:] == slots(pending_request=None, pending_note=None)
        assert chat.say(NUMBER, "track_order", order_id=NUMBER).said == full_answer(Situation.REGISTERED)
        assert opened(chat) == []

    @pytest.mark.parametrize(("text", "intent"), [("سلام", "greet"), ("ممنون", "thank"), ("قلمبه", "nlu_fallback")])
    def test_small_talk_in_between_does_not(self, chat: Chat, text: str, intent: str) -> None:
        two_orders(chat)
        chat.world.prove()
        chat.say(WORDS, "cancel_order")
        chat.say(text, intent)
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert opened(chat) == CANCELLED

    @pytest.mark.parametrize(("text", "intent"), [("بی‌خیال", "stop"), ("نه", "deny")])
    def test_never_mind_does(self, chat: Chat, text: str, intent: str) -> None:
        two_orders(chat)
        chat.world.prove()
        chat.say(WORDS, "cancel_order")
        chat.say(text, intent)
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert opened(chat) == []


class TestItsOwnOrder:
    """While the mobile is being proven for one order, another one may be looked at."""

    def start(self, chat: Chat) -> str:
        two_orders(chat)
        chat.say(f"{WORDS} {NUMBER}", "cancel_order", order_id=NUMBER)
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        return chat.world.messenger.last_code

    def test_a_question_about_another_order_is_no_request(self, chat: Chat) -> None:
        self.start(chat)
        answer = chat.say(f"{OTHER} کجاست؟", "track_order", order_id=OTHER)
        assert answer.responses == ["utter_tracking_stage_preparing", "utter_identity_waiting"]
        type_code(chat)
        assert opened(chat) == CANCELLED
        assert notes(chat) == [f"{WORDS} {NUMBER}"]

    def test_a_look_at_another_order_does_not_turn_the_request_to_it(self, chat: Chat) -> None:
        self.start(chat)
        assert chat.press_turn(VERIFY.replace(NUMBER, OTHER)).responses == ["utter_identity_waiting"]
        answer = type_code(chat)
        assert opened(chat) == []
        assert answer.responses == ["utter_identity_verified", "utter_tracking_detail_preparing"]
        assert chat.slots["order_id"] == OTHER

    def test_another_request_in_the_form_takes_its_place(self, chat: Chat) -> None:
        self.start(chat)
        chat.say("فاکتورش رو می‌خوام", "request_document")
        type_code(chat)
        assert opened(chat) == [(TicketReason.DOCUMENT, NUMBER)]
        assert notes(chat) == ["فاکتورش رو می‌خوام"]


class TestNote:
    def test_what_was_written_before_the_proof(self, chat: Chat) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.say(WORDS, "cancel_order", order_id=NUMBER)
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        type_code(chat)
        assert opened(chat) == CANCELLED
        assert notes(chat) == [WORDS]
        assert chat.slots["pending_note"] is None

    def test_what_was_written_before_the_order_was_named(self, chat: Chat) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.say(WORDS, "cancel_order")
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        type_code(chat)
        assert notes(chat) == [WORDS]

    def test_a_button_leaves_none(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.press_turn(act("open_ticket", "late"))
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        type_code(chat)
        assert notes(chat) == [""]

    def test_a_form_that_ends_unverified_forgets_it(self, chat: Chat) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.say(WORDS, "cancel_order", order_id=NUMBER)
        chat.say("بی‌خیال", "stop")
        assert chat.slots["pending_note"] is None
        assert chat.slots["pending_request"] is None

    def test_a_request_that_was_refused_leaves_none_to_the_next(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.say(WORDS, "cancel_order", order_id=NUMBER)
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        assert "utter_tickets_opened" not in type_code(chat).responses
        chat.press_turn(act("open_ticket", "late"))
        assert notes(chat) == [""]

    def test_a_mobile_is_no_note(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        type_code(chat)
        chat.press_turn(act("open_ticket", "late"))
        assert notes(chat) == [""]

    def test_a_proof_that_runs_out_in_between_keeps_it(self, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.world.prove()
        opening = chat.world.tickets.open

        def open_late(*args: Any) -> object:
            chat.world.clock.advance(minutes=31)
            monkeypatch.setattr(chat.world.tickets, "open", opening)
            return opening(*args)

        monkeypatch.setattr(chat.world.tickets, "open", open_late)
        chat.say(WORDS, "cancel_order", order_id=NUMBER)
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        type_code(chat)
        assert opened(chat) == CANCELLED
        assert notes(chat) == [WORDS]


class TestReason:
    def test_of_a_ticket_that_was_not_opened_is_forgotten(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove(OTHER_MOBILE)
        chat.press_turn(act("open_ticket", "late"))
        chat.world.orders.orders.append(order(OTHER, mobile=OTHER_MOBILE))
        chat.say(f"یه تیکت باز کن برای {OTHER}", "open_ticket", order_id=OTHER)
        assert opened(chat) == [(TicketReason.GENERAL, OTHER)]


class TestSeveralAtOnce:
    def test_each_is_answered(self, chat: Chat) -> None:
        two_orders(chat)
        answer = chat.say(f"{NUMBER} {OTHER}", "track_order", order_id=[NUMBER, OTHER])
        assert answer.responses == ["utter_tracking_stage_preparing", "utter_tracking_stage_registered"]
        assert chat.slots["order_id"] == NUMBER

    def test_the_same_one_twice_is_one(self, chat: Chat) -> None:
        two_orders(chat)
        answer = chat.say(f"{NUMBER} {NUMBER}", "track_order", order_id=[NUMBER, NUMBER])
        assert answer.responses == ["utter_tracking_stage_registered"]

    def test_not_more_than_three(self, chat: Chat) -> None:
        numbers = [f"TS-10424{each}" for each in range(5)]
        chat.world.orders.orders += [order(number) for number in numbers]
        answer = chat.say(" ".join(numbers), "track_order", order_id=numbers)
        assert [line.custom["order"]["orderId"] for line in answer.said if line.custom] == [
            numbers[1],
            numbers[2],
            numbers[0],
        ]

    def test_the_one_that_is_not_there_is_the_one_named(self, chat: Chat) -> None:
        two_orders(chat)
        numbers = [NUMBER, "TS-999999", OTHER]
        answer = chat.say(" ".join(numbers), "track_order", order_id=numbers)
        assert answer.responses[0] == "utter_tracking_not_found"
        assert "TS-999999" in answer.texts[0]
        assert OTHER not in answer.texts[0]

    def test_a_rating_is_asked_for_only_at_the_end(self, chat: Chat) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.world.orders.orders.append(order(OTHER, status=OrderStatus.PREPARING, shipments=()))
        answer = chat.say(f"{OTHER} {NUMBER}", "track_order", order_id=[OTHER, NUMBER])
        assert "utter_feedback_ask_rating" not in answer.responses[:-1]


def test_yes_to_the_offer_of_a_colleague_after_a_low_rating(chat: Chat) -> None:
    TELL[Situation.DELIVERED](chat.world)
    chat.say(NUMBER, "track_order", order_id=NUMBER)
    assert chat.say("1", "give_feedback", lone=1).responses == ["utter_feedback_rated_low"]
    assert chat.say("بله", "affirm").responses == ["utter_handoff_ticket"]


def test_yes_after_nothing_pending_sends_a_new_code(chat: Chat) -> None:
    in_form(chat, "otp_code", phone_number=MOBILE)
    chat.say("000000", "track_order", otp_code="000000")
    assert chat.slots["pending_offer"] == "resend"
    assert chat.say("بله", "affirm").responses == ["utter_identity_resent"]
    assert chat.slots["pending_offer"] is None


def test_yes_to_nothing_sends_no_code(chat: Chat) -> None:
    with_code(chat)
    chat.world.clock.advance(seconds=61)
    assert chat.say("بله", "affirm").said[0].response == "utter_identity_not_a_code"
    assert len(chat.world.messenger.sent) == 1
