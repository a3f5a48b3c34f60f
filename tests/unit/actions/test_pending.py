"""What is kept of a request while the mobile is being proven, and that nothing of it is left for another one."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.events import FollowupAction

from peyk.domain.orders import OrderStatus
from peyk.domain.situations import Situation
from peyk.domain.tickets import TicketReason
from tests.unit.actions.fakes import CHANGE_MOBILE, MY_ORDERS, Answer, Chat, slots
from tests.unit.actions.identity_steps import ASK_CODE, SUBMIT, VALIDATE, in_form, with_code
from tests.unit.actions.lines import AGAIN, VERIFY, act
from tests.unit.actions.stories import CODE, NUMBER, TELL
from tests.unit.services.fakes import MOBILE, order

OTHER = "TS-104234"
CANCEL = "action_cancel_order"
CANCEL_WORDS = "سفارشم رو لغو کن، پشیمون شدم"
GIVE_WORDS = f"کد رهگیری {NUMBER}"


def add_other(chat: Chat) -> None:
    chat.world.orders.orders.append(order(OTHER, status=OrderStatus.PREPARING, shipments=()))


def prove(chat: Chat) -> Answer:
    """Type the mobile, then the code."""
    chat.say(MOBILE, "track_order", phone_number=MOBILE)
    return chat.say("کد", "track_order", bare=chat.world.messenger.last_code)


def tickets(chat: Chat) -> list[tuple[TicketReason, str | None, str]]:
    return [(each.reason, each.order_number, each.note) for each in chat.world.helpdesk.tickets]


class TestSwitch:
    """The button of an order, pressed in the form."""

    def test_another_order_takes_the_place_of_the_request(self, chat: Chat) -> None:
        with_code(chat)
        chat.slots |= {"pending_request": CANCEL, "pending_order": OTHER, "pending_note": CANCEL_WORDS}
        chat.press(VERIFY)
        assert chat.run(VALIDATE).events == slots(
            consumed_message=chat.id, pending_order=NUMBER, pending_request="action_track_order", pending_note=None
        )
        assert chat.run(ASK_CODE).responses == ["utter_identity_waiting"]

    def test_its_own_order_changes_nothing(self, chat: Chat) -> None:
        with_code(chat)
        chat.slots |= {"pending_request": CANCEL, "pending_order": NUMBER, "pending_note": CANCEL_WORDS}
        chat.press(VERIFY)
        assert chat.run(VALIDATE).events == slots(consumed_message=chat.id)
        assert chat.slots["pending_request"] == CANCEL

    def test_while_the_mobile_is_asked_for_it_is_reminded_of(self, chat: Chat) -> None:
        in_form(chat, "phone_number", pending_request="action_list_orders")
        assert chat.press_turn(VERIFY).responses == ["utter_identity_mobile_reminder"]
        assert (chat.slots["pending_order"], chat.slots["pending_request"]) == (NUMBER, "action_track_order")


class TestOrder:
    def test_the_proof_goes_back_to_it(self, chat: Chat) -> None:
        chat.slots |= {"otp_outcome": "verified", "otp_code": "verified", "order_id": OTHER}
        chat.slots |= {"pending_order": NUMBER, "pending_request": CANCEL}
        assert chat.ask(SUBMIT, "کد", "track_order").events == [
            *slots(otp_code=None, otp_outcome=None, order_id=NUMBER, pending_order=None),
            FollowupAction(CANCEL),
        ]

    @pytest.mark.parametrize("outcome", ["cancelled", "locked", "too_many", "unavailable"])
    def test_an_ending_without_a_proof_forgets_everything(self, chat: Chat, outcome: str) -> None:
        pending = {"pending_order": NUMBER, "pending_request": "action_open_ticket", "pending_note": CANCEL_WORDS}
        chat.slots |= pending | {"otp_outcome": outcome, "ticket_reason": "late"}
        chat.ask(SUBMIT, "x", "track_order")
        assert {name: chat.slots[name] for name in (*pending, "ticket_reason")} == dict.fromkeys(
            (*pending, "ticket_reason")
        )

    def test_another_mobile_is_asked_for_the_order_of_the_request(self, chat: Chat) -> None:
        TELL[Situation.REGISTERED](chat.world)
        add_other(chat)
        chat.say(CANCEL_WORDS, "cancel_order", order_id=NUMBER)
        chat.say(f"{OTHER} کجاست؟", "track_order", order_id=OTHER)
        assert NUMBER in chat.press_turn(CHANGE_MOBILE).text

    def test_another_order_looked_at_is_not_the_one_to_cancel(self, chat: Chat) -> None:
        """The request has no order yet: which one is asked after the proof."""
        TELL[Situation.REGISTERED](chat.world)
        add_other(chat)
        chat.say(CANCEL_WORDS, "cancel_order")
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        chat.say(f"{OTHER} کجاست؟", "track_order", order_id=OTHER)
        answer = chat.say("کد", "track_order", bare=chat.world.messenger.last_code)
        assert tickets(chat) == []
        assert answer.responses == ["utter_identity_verified", "utter_tracking_choose_order"]

    def test_a_question_without_a_number_in_the_form_is_no_request(self, chat: Chat) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.say(CANCEL_WORDS, "cancel_order")
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        chat.say("سفارشم کجاست؟", "track_order")
        chat.say("کد", "track_order", bare=chat.world.messenger.last_code)
        assert tickets(chat) == [(TicketReason.CANCEL, NUMBER, CANCEL_WORDS)]

    def test_details_of_another_order_are_no_cancellation_of_it(self, chat: Chat) -> None:
        """ "cancel my order" – "which one?" – and then the details button of an order from further up."""
        TELL[Situation.REGISTERED](chat.world)
        chat.say(CANCEL_WORDS, "cancel_order")
        chat.press_turn(VERIFY)
        prove(chat)
        assert tickets(chat) == []

    def test_a_proof_that_runs_out_in_between_keeps_order_and_reason(
        self, chat: Chat, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        TELL[Situation.LATE](chat.world)
        add_other(chat)
        chat.world.prove()
        opening = chat.world.tickets.open

        def open_late(*args: Any) -> object:
            chat.world.clock.advance(minutes=31)
            monkeypatch.setattr(chat.world.tickets, "open", opening)
            return opening(*args)

        monkeypatch.setattr(chat.world.tickets, "open", open_late)
        chat.press_turn(act("open_ticket", "late"))
        chat.say(f"{OTHER} کجاست؟", "track_order", order_id=OTHER)
        prove(chat)
        assert tickets(chat) == [(TicketReason.LATE, NUMBER, "")]


class TestNothingLeft:
    """A ticket carries what was written for it, not what was written for something else."""

    def test_of_a_tracking_code_that_was_given(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.say(GIVE_WORDS, "ask_tracking_code", order_id=NUMBER)
        prove(chat)
        chat.press_turn(act("open_ticket", "late"))
        assert tickets(chat) == [(TicketReason.LATE, NUMBER, "")]

    def test_of_a_refund_that_was_told(self, chat: Chat) -> None:
        TELL[Situation.REFUND_PENDING](chat.world)
        chat.say("پولم چی شد؟", "ask_refund_status", order_id=NUMBER)
        prove(chat)
        chat.press_turn(act("open_ticket", "refund"))
        assert tickets(chat) == [(TicketReason.REFUND, NUMBER, "")]

    @pytest.mark.parametrize(("text", "intent"), [("بی‌خیال", "stop"), ("نه", "deny")])
    def test_of_a_request_that_was_dropped(self, chat: Chat, text: str, intent: str) -> None:
        TELL[Situation.LATE](chat.world)
        chat.say(CANCEL_WORDS, "cancel_order")
        chat.say(text, intent)
        chat.world.prove()
        chat.press_turn(act("open_ticket", "late"))
        assert tickets(chat) == [(TicketReason.LATE, NUMBER, "")]

    @pytest.mark.parametrize("proves", [True, False])
    def test_of_a_request_left_for_the_button_of_an_order(self, chat: Chat, proves: bool) -> None:
        TELL[Situation.LATE](chat.world)
        chat.say(CANCEL_WORDS, "cancel_order")
        if proves:
            chat.world.prove()
        chat.press_turn(AGAIN)
        chat.press_turn(act("open_ticket", "late"))
        if not proves:
            prove(chat)
        assert tickets(chat) == [(TicketReason.LATE, NUMBER, "")]

    def test_of_a_request_another_one_has_taken_the_place_of(self, chat: Chat) -> None:
        TELL[Situation.DELIVERED](chat.world)
        add_other(chat)
        chat.world.prove()
        chat.say(CANCEL_WORDS, "cancel_order")
        chat.say(f"{NUMBER} شکسته رسید", "report_damaged", order_id=NUMBER)
        assert tickets(chat) == [(TicketReason.DAMAGED, NUMBER, f"{NUMBER} شکسته رسید")]

    def test_a_mobile_is_no_note_of_a_request(self, chat: Chat) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.press_turn("/cancel_order{}")
        prove(chat)
        assert tickets(chat) == [(TicketReason.CANCEL, NUMBER, "")]

    def test_a_reason_is_left_with_its_request(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        add_other(chat)
        chat.press_turn(act("open_ticket", "late"))
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        chat.press_turn(VERIFY.replace(NUMBER, OTHER))
        chat.say("کد", "track_order", bare=chat.world.messenger.last_code)
        chat.say("یه تیکت باز کن", "open_ticket")
        assert tickets(chat) == [(TicketReason.GENERAL, OTHER, "یه تیکت باز کن")]


class TestGoesOn:
    """Ways on with a request after "which order?"."""

    @pytest.mark.parametrize("request_first", [True, False])
    def test_my_orders_asks_for_the_proof_of_the_request(self, chat: Chat, request_first: bool) -> None:
        if request_first:
            chat.say(CANCEL_WORDS, "cancel_order")
        chat.press_turn(MY_ORDERS)
        wanted = (CANCEL, CANCEL_WORDS) if request_first else ("action_list_orders", None)
        assert (chat.slots["pending_request"], chat.slots.get("pending_note")) == wanted

    def test_the_tracking_code_of_one_of_several(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        add_other(chat)
        chat.world.prove()
        assert chat.say("کد رهگیریم", "ask_tracking_code").responses == ["utter_tracking_choose_order"]
        assert CODE in chat.press_turn(AGAIN).text
        assert chat.steps == ["action_track_order", "action_give_tracking_code"]

    def test_the_tracking_code_of_the_only_order(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.world.prove()
        chat.say("کد رهگیریم", "ask_tracking_code")
        assert chat.steps == ["action_give_tracking_code", "action_list_orders", "action_give_tracking_code"]

    @pytest.mark.parametrize("intent", ["greet", "thank"])
    def test_a_number_beside_politeness(self, chat: Chat, intent: str) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.world.orders.orders.append(order(OTHER))
        chat.world.prove()
        chat.say(CANCEL_WORDS, "cancel_order")
        chat.say(f"ممنون، {NUMBER}", intent, order_id=NUMBER)
        assert tickets(chat) == [(TicketReason.CANCEL, NUMBER, CANCEL_WORDS)]
