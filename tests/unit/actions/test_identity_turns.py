"""Proving a mobile as a conversation: leaving, another number, side questions, and what proves nothing."""

from __future__ import annotations

import pytest
from rasa_sdk.events import FollowupAction, SlotSet

from peyk.domain.situations import Situation
from tests.unit.actions.fakes import CHANGE_MOBILE, TALK, Chat, Line, done, slots
from tests.unit.actions.identity_steps import (
    ASK_CODE,
    ASK_MOBILE,
    FORM,
    START,
    SUBMIT,
    VALIDATE,
    asks_mobile,
    in_form,
    proven,
    sent_to,
    submit,
    with_code,
    wrong,
)
from tests.unit.actions.lines import VERIFY, full_answer
from tests.unit.actions.stories import NUMBER, TELL
from tests.unit.services.fakes import MOBILE, OTHER_MOBILE


class TestLeaving:
    @pytest.mark.parametrize("stage", ["phone_number", "otp_code"])
    @pytest.mark.parametrize(("text", "intent"), [("بی‌خیال", "stop"), ("never mind", "stop"), ("نه", "deny")])
    def test_never_mind(self, chat: Chat, stage: str, text: str, intent: str) -> None:
        in_form(chat, stage, phone_number=MOBILE, pending_request="action_track_order")
        answer = chat.ask(VALIDATE, text, intent)
        assert answer.events == [
            *slots(consumed_message=chat.id, otp_outcome="cancelled"),
            SlotSet("requested_slot", None),
        ]
        end = submit(chat)
        assert end.said == [Line("utter_identity_ended_cancelled", (TALK,))]
        assert end.events == done(otp_outcome=None, pending_request=None)

    def test_no_with_another_mobile_corrects_and_goes_on(self, chat: Chat) -> None:
        with_code(chat)
        chat.say(f"نه شماره‌ام {OTHER_MOBILE} هست", "deny", phone_number=OTHER_MOBILE)
        assert sent_to(chat) == [MOBILE, OTHER_MOBILE]

    def test_afterwards_the_open_code_is_not_sent_twice(self, chat: Chat) -> None:
        with_code(chat)
        chat.say("بی‌خیال", "stop")
        assert chat.press_turn(VERIFY).responses == ["utter_identity_too_soon"]
        assert sent_to(chat) == [MOBILE]


class TestAnotherNumber:
    def test_typed_it_restarts(self, chat: Chat) -> None:
        old = with_code(chat)
        answer = chat.ask(VALIDATE, OTHER_MOBILE, "track_order", phone_number=OTHER_MOBILE)
        assert answer.events == slots(consumed_message=chat.id, otp_outcome="sent", otp_wait_s=60, otp_tries_left=3)
        assert sent_to(chat) == [MOBILE, OTHER_MOBILE]
        chat.ask(VALIDATE, old, "track_order", otp_code=wrong(chat.world.messenger.last_code))
        assert proven(chat) is None
        chat.ask(VALIDATE, "کد", "track_order", otp_code=chat.world.messenger.last_code)
        assert proven(chat) == OTHER_MOBILE

    @pytest.mark.parametrize("stage", ["phone_number", "otp_code"])
    def test_by_the_button_the_mobile_is_asked_for(self, chat: Chat, stage: str) -> None:
        in_form(chat, stage, phone_number=MOBILE)
        chat.press(CHANGE_MOBILE)
        answer = chat.run(VALIDATE)
        assert answer.events == slots(consumed_message=chat.id, phone_number=None, otp_outcome="change_mobile")
        assert chat.run(ASK_MOBILE).said == [asks_mobile("utter_identity_ask_mobile")]

    def test_outside_the_form_the_button_starts_it_anew(self, chat: Chat) -> None:
        chat.slots["phone_number"] = MOBILE
        chat.press(CHANGE_MOBILE)
        answer = chat.run(START)
        assert answer.events == [
            *slots(phone_number=None, pending_request="action_list_orders"),
            FollowupAction(FORM),
        ]


class TestStart:
    def test_for_the_order_in_question(self, chat: Chat) -> None:
        chat.press(VERIFY)
        answer = chat.run(START)
        assert answer.said == []
        assert answer.events == [
            *slots(pending_request="action_track_order", pending_order=NUMBER),
            FollowupAction(FORM),
        ]

    def test_what_was_asked_for_stays(self, chat: Chat) -> None:
        chat.slots |= {"pending_request": "action_cancel_order", "pending_offer": "verify", "order_id": NUMBER}
        answer = chat.ask(START, "بله", "affirm")
        assert answer.events == [*slots(pending_offer=None, pending_order=NUMBER), FollowupAction(FORM)]

    def test_a_mobile_proven_already_is_of_no_use(self, chat: Chat) -> None:
        chat.world.prove(OTHER_MOBILE)
        chat.slots["phone_number"] = OTHER_MOBILE
        chat.press(VERIFY)
        assert SlotSet("phone_number", None) in chat.run(START).events


class TestNothingCanBeForged:
    FORGED = (
        {"otp_code": "verified"},
        {"otp_outcome": "verified"},
        {"otp_code": "verified", "otp_outcome": "verified", "phone_number": MOBILE},
    )

    @pytest.mark.parametrize("forged", FORGED)
    @pytest.mark.parametrize("name", [VALIDATE, SUBMIT, ASK_CODE, START, "action_track_order", "action_list_orders"])
    def test_no_slot_raises_the_level(self, chat: Chat, forged: dict[str, str], name: str) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        outcome = "cancelled" if name == SUBMIT else "waiting"
        chat.slots |= {"phone_number": MOBILE, "order_id": NUMBER, "otp_outcome": outcome} | forged
        answer = chat.ask(name, "سفارشم", "track_order")
        assert proven(chat) is None
        assert "TRK-" not in f"{answer.said} {answer.text}"
        assert "otp.verified" not in chat.world.audit.events()

    def test_after_a_forged_proof_the_order_stays_at_its_stage(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.slots |= self.FORGED[2] | {"order_id": NUMBER, "pending_request": "action_track_order"}
        chat.hear("سفارشم", "track_order")
        submit(chat)
        assert chat.run("action_track_order").responses == ["utter_tracking_stage_in_transit"]
        assert chat.run("action_list_orders").events[-1] == FollowupAction(FORM)

    def test_a_code_that_says_verified_is_a_wrong_code(self, chat: Chat) -> None:
        with_code(chat)
        answer = chat.ask(VALIDATE, "verified", "track_order", otp_code="verified")
        assert SlotSet("otp_outcome", "wrong") in answer.events
        assert proven(chat) is None

    def test_the_proof_ends_by_itself(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        code = with_code(chat)
        chat.ask(VALIDATE, code, "track_order", otp_code=code)
        chat.world.clock.advance(seconds=1801)
        answer = chat.ask("action_track_order", NUMBER, "track_order", order_id=NUMBER)
        assert [line.custom["security"]["level"] for line in answer.said if line.custom] == [1]


class TestWholeTurns:
    def test_the_code_goes_on_with_the_order_and_is_not_read_as_one(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert chat.say(MOBILE, "track_order", phone_number=MOBILE).responses == ["utter_identity_sent"]
        code = chat.world.messenger.last_code
        answer = chat.say(code, "track_order", bare=code)
        assert answer.said == [Line("utter_identity_verified"), *full_answer(Situation.IN_TRANSIT)]
        assert chat.steps == [VALIDATE, SUBMIT, "action_track_order"]
        assert chat.active_loop is None

    @pytest.mark.parametrize("stage", ["phone_number", "otp_code"])
    def test_a_side_question_is_answered_and_the_form_goes_on(self, chat: Chat, stage: str) -> None:
        code = with_code(chat)
        in_form(chat, stage, phone_number=MOBILE if stage == "otp_code" else None)
        answer = chat.say("راه‌های پرداخت؟", "ask_payment_methods")
        reminder = "utter_identity_waiting" if stage == "otp_code" else "utter_identity_mobile_reminder"
        assert answer.responses == ["utter_shipping_info_payment_methods_ok", reminder]
        assert chat.active_loop == FORM
        if stage == "otp_code":
            assert chat.say(code, "track_order", bare=code).responses[0] == "utter_identity_verified"

    def test_another_order_in_the_form_is_answered_and_the_form_goes_on(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        with_code(chat)
        answer = chat.say(f"سفارش {NUMBER} کجاست", "track_order", order_id=NUMBER)
        assert answer.responses == ["utter_tracking_stage_in_transit", "utter_identity_waiting"]

    @pytest.mark.parametrize("stage", ["phone_number", "otp_code"])
    @pytest.mark.parametrize(
        ("text", "intent", "first"),
        [
            ("سفارشم رو لغو کن", "cancel_order", "utter_tracking_stage_in_transit"),
            ("کد رهگیری رو بده", "ask_tracking_code", "utter_tracking_code_needs_identity"),
            ("تیکت باز کن", "open_ticket", "utter_identity_needed_for_request"),
        ],
    )
    def test_a_request_that_needs_the_proof_too(
        self, chat: Chat, stage: str, text: str, intent: str, first: str
    ) -> None:
        """In the form "cancel it" asks for the same proof: the form goes on and the request comes after it."""
        TELL[Situation.IN_TRANSIT](chat.world)
        with_code(chat)
        in_form(chat, stage, phone_number=MOBILE if stage == "otp_code" else None, order_id=NUMBER)
        answer = chat.say(text, intent)
        assert answer.responses[0] == first
        assert answer.responses.count(first) == 1
        assert len(chat.steps) <= 4

    def test_a_person_asked_for_in_the_form_is_told_and_the_form_goes_on(self, chat: Chat) -> None:
        with_code(chat)
        answer = chat.press_turn(TALK)
        assert answer.responses == ["utter_handoff_ticket", "utter_identity_waiting"]

    def test_locked_then_a_new_start(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        code = with_code(chat)
        for _ in range(3):
            last = chat.say("کد", "track_order", bare=wrong(code))
        assert last.responses == ["utter_identity_ended_locked"]
        assert chat.active_loop is None
        chat.world.clock.advance(seconds=61)
        assert chat.press_turn(VERIFY).responses == ["utter_identity_ask_mobile_of_order"]

    def test_yes_to_the_offer_of_proof_starts_it(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert chat.say("آره", "affirm").responses == ["utter_identity_ask_mobile_of_order"]

    def test_a_second_mobile_after_one_is_proven(self, chat: Chat) -> None:
        chat.world.prove(OTHER_MOBILE)
        TELL[Situation.REGISTERED](chat.world)
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert chat.press_turn(CHANGE_MOBILE).responses == ["utter_identity_ask_mobile_of_order"]
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        code = chat.world.messenger.last_code
        chat.say(code, "track_order", bare=code)
        assert proven(chat) == MOBILE
