"""Proving a mobile: every state of the form, what the customer may say in it, and what proves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.events import FollowupAction, SlotSet

from peyk.domain.identity import OtpOutcome
from peyk.errors import Throttled, Unavailable
from peyk.ports.records import Window
from tests.unit.actions.fakes import CHANGE_MOBILE, RESEND, TALK, Chat, Line, done, limit, slots
from tests.unit.actions.identity_steps import (
    ASK_CODE,
    ASK_MOBILE,
    FORM,
    REJECTED,
    SUBMIT,
    VALIDATE,
    WRONG,
    asks_code,
    asks_mobile,
    in_form,
    proven,
    sent_to,
    submit,
    with_code,
    wrong,
)
from tests.unit.actions.stories import NUMBER
from tests.unit.services.fakes import CALLER, MOBILE


class TestActivation:
    def test_without_a_mobile_it_is_asked_for(self, chat: Chat) -> None:
        chat.hear("جزئیات", "press_verify")
        answer = chat.run(VALIDATE)
        assert answer.events == slots(consumed_message=chat.id, otp_outcome="ask_mobile")
        assert answer.said == []
        assert chat.run(ASK_MOBILE).said == [asks_mobile("utter_identity_ask_mobile")]

    def test_for_an_order_the_order_is_named(self, chat: Chat) -> None:
        chat.slots |= {"pending_order": NUMBER, "otp_outcome": "ask_mobile"}
        answer = chat.ask(ASK_MOBILE, "جزئیات", "press_verify")
        assert answer.said == [asks_mobile("utter_identity_ask_mobile_of_order")]
        assert NUMBER in answer.text

    def test_with_a_mobile_the_code_is_sent_at_once(self, chat: Chat) -> None:
        chat.hear(MOBILE, "track_order", phone_number=MOBILE)
        answer = chat.run(VALIDATE)
        assert answer.events == slots(consumed_message=chat.id, otp_outcome="sent", otp_wait_s=60, otp_tries_left=3)
        assert sent_to(chat) == [MOBILE]

    def test_the_code_is_sent_in_the_language_of_the_conversation(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        chat.ask(VALIDATE, MOBILE, "track_order", phone_number=MOBILE)
        assert [language for _, _, language in chat.world.messenger.sent.values()] == ["en"]

    def test_a_message_is_acted_on_once(self, chat: Chat) -> None:
        """Rasa may show the form the same message again in one turn."""
        chat.ask(VALIDATE, MOBILE, "track_order", phone_number=MOBILE)
        again = chat.run(VALIDATE)
        assert (again.events, again.said) == ([], [])
        assert sent_to(chat) == [MOBILE]

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_what_is_said_of_a_code_that_was_sent(self, chat: Chat, language: str) -> None:
        chat.slots["language"] = language
        chat.ask(VALIDATE, MOBILE, "track_order", phone_number=MOBILE)
        answer = chat.run(ASK_CODE)
        assert answer.said == [asks_code("utter_identity_sent", RESEND, language=language)]
        assert answer.events == slots(otp_outcome="waiting")
        assert MOBILE not in answer.text
        assert "0912***67" in answer.text
        assert {"fa": "۲ دقیقه", "en": "2 minutes"}[language] in answer.text


class TestMobileStage:
    def test_a_mobile(self, chat: Chat) -> None:
        in_form(chat, "phone_number")
        answer = chat.ask(VALIDATE, "۰۹۱۲ ۱۲۳ ۴۵۶۷", "track_order", phone_number=MOBILE)
        assert answer.events == slots(consumed_message=chat.id, otp_outcome="sent", otp_wait_s=60, otp_tries_left=3)
        assert sent_to(chat) == [MOBILE]

    def test_digits_that_are_no_mobile(self, chat: Chat) -> None:
        in_form(chat, "phone_number")
        answer = chat.ask(VALIDATE, "۰۹۱۲۱۲۳", "track_order")
        assert answer.events == slots(consumed_message=chat.id, otp_outcome="bad_mobile")
        assert chat.run(ASK_MOBILE).said == [asks_mobile("utter_identity_bad_mobile")]

    def test_a_mobile_the_service_refuses(self, chat: Chat) -> None:
        in_form(chat, "phone_number")
        answer = chat.ask(VALIDATE, "+1", "track_order", phone_number="+1")
        assert answer.events == slots(consumed_message=chat.id, phone_number=None, otp_outcome="bad_mobile")
        assert sent_to(chat) == []

    @pytest.mark.parametrize(("text", "intent"), [("باشه", "affirm"), ("قلمبه سلمبه", "nlu_fallback")])
    def test_what_says_nothing_gets_a_reminder(self, chat: Chat, text: str, intent: str) -> None:
        in_form(chat, "phone_number")
        assert chat.ask(VALIDATE, text, intent).events == slots(consumed_message=chat.id)
        assert chat.run(ASK_MOBILE).said == [asks_mobile("utter_identity_mobile_reminder")]

    @pytest.mark.parametrize("payload", [RESEND, "/press_my_orders{}"])
    def test_buttons_that_lead_here_anyway(self, chat: Chat, payload: str) -> None:
        in_form(chat, "phone_number")
        chat.press(payload)
        assert chat.run(VALIDATE).events == slots(consumed_message=chat.id)

    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("هزینه ارسال به شیراز چقدره", "ask_shipping_cost"),
            ("سفارشم کجاست", "track_order"),
            ("می‌خوام با آدم حرف بزنم", "talk_to_human"),
        ],
    )
    def test_a_side_question_is_left_to_others(self, chat: Chat, text: str, intent: str) -> None:
        in_form(chat, "phone_number")
        answer = chat.ask(VALIDATE, text, intent)
        assert answer.events == [REJECTED]
        assert answer.said == []

    def test_a_tracking_code_is_a_side_question(self, chat: Chat) -> None:
        in_form(chat, "phone_number")
        assert chat.ask(VALIDATE, "1234567890", "track_order", tracking_code="1234567890").events == [REJECTED]


class TestCodeStage:
    @pytest.mark.parametrize("text", ["{code}", "کد {code} بود", "my code is {code}"])
    def test_the_right_code(self, chat: Chat, text: str) -> None:
        code = with_code(chat)
        answer = chat.ask(VALIDATE, text.format(code=code), "track_order", otp_code=code)
        assert answer.events == slots(consumed_message=chat.id, otp_code="verified", otp_outcome="verified")
        assert proven(chat) == MOBILE

    @pytest.mark.parametrize(
        "typed", [" ".join, lambda code: code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))]
    )
    def test_persian_digits_and_spaces_arrive_normalised_or_are_read(self, chat: Chat, typed: Any) -> None:
        code = with_code(chat)
        chat.ask(VALIDATE, typed(code), "track_order", otp_code=typed(code))
        assert proven(chat) == MOBILE

    def test_the_code_is_never_kept(self, chat: Chat) -> None:
        code = with_code(chat)
        answer = chat.ask(VALIDATE, code, "track_order", bare=code)
        assert code not in f"{answer.events} {answer.said} {chat.slots}"

    @pytest.mark.parametrize(("left", "digit"), [(2, "۲"), (1, "۱")])
    def test_a_wrong_code(self, chat: Chat, left: int, digit: str) -> None:
        code = with_code(chat)
        for _ in range(2 - left):
            chat.world.identity.check(CALLER, wrong(code))
        answer = chat.ask(VALIDATE, wrong(code), "track_order", otp_code=wrong(code))
        assert answer.events == [
            *slots(consumed_message=chat.id, otp_code=None, otp_outcome="wrong", otp_wait_s=0, otp_tries_left=left)
        ]
        asked = chat.run(ASK_CODE)
        assert asked.said == [asks_code("utter_identity_wrong", RESEND, CHANGE_MOBILE)]
        assert digit in asked.text
        assert proven(chat) is None

    def test_one_try_is_no_plural(self, chat: Chat) -> None:
        chat.slots |= {"language": "en", "otp_outcome": "wrong", "otp_tries_left": 1, "phone_number": MOBILE}
        assert "1 try left" in chat.ask(ASK_CODE, WRONG, "track_order").text

    def test_the_third_wrong_code_locks(self, chat: Chat) -> None:
        code = with_code(chat)
        for _ in range(2):
            chat.world.identity.check(CALLER, wrong(code))
        answer = chat.ask(VALIDATE, wrong(code), "track_order", otp_code=wrong(code))
        assert answer.events == [
            *slots(otp_wait_s=60, otp_tries_left=0, consumed_message=chat.id, otp_code=None, otp_outcome="locked"),
            SlotSet("requested_slot", None),
        ]
        end = submit(chat)
        assert end.said == [Line("utter_identity_ended_locked", (TALK,))]
        assert end.events == done(otp_outcome=None, phone_number=None)
        chat.world.identity.check(CALLER, code)
        assert proven(chat) is None

    def test_an_expired_code(self, chat: Chat) -> None:
        code = with_code(chat)
        chat.world.clock.advance(seconds=121)
        answer = chat.ask(VALIDATE, code, "track_order", otp_code=code)
        assert answer.events == [
            *slots(consumed_message=chat.id, otp_code=None, otp_outcome="expired", otp_wait_s=0, otp_tries_left=0)
        ]
        assert chat.run(ASK_CODE).said == [asks_code("utter_identity_expired", RESEND, CHANGE_MOBILE)]
        assert proven(chat) is None

    def test_yes_after_expired_sends_a_new_one(self, chat: Chat) -> None:
        code = with_code(chat)
        chat.world.clock.advance(seconds=121)
        chat.say(code, "track_order", otp_code=code)
        assert chat.say("بله", "affirm").responses == ["utter_identity_resent"]

    def test_no_code_is_open(self, chat: Chat) -> None:
        in_form(chat, "otp_code", phone_number=MOBILE)
        answer = chat.ask(VALIDATE, WRONG, "track_order", otp_code=WRONG)
        assert SlotSet("otp_outcome", "nothing_pending") in answer.events
        assert chat.run(ASK_CODE).said == [asks_code("utter_identity_nothing_pending", RESEND)]

    def test_a_code_of_another_conversation_proves_nothing_here(self, chat: Chat) -> None:
        code = with_code(chat)
        challenge = chat.world.otp.open.pop(CALLER.conversation_id)
        chat.world.otp.open["conversation-2"] = challenge
        chat.ask(VALIDATE, code, "track_order", otp_code=code)
        assert proven(chat) is None

    @pytest.mark.parametrize(
        ("text", "intent"), [("قلمبه سلمبه", "nlu_fallback"), ("باشه", "affirm"), ("۱۲۳", "track_order")]
    )
    def test_what_is_no_code(self, chat: Chat, text: str, intent: str) -> None:
        with_code(chat)
        answer = chat.ask(VALIDATE, text, intent)
        assert answer.events == slots(consumed_message=chat.id, otp_outcome="not_a_code")
        assert chat.run(ASK_CODE).said == [asks_code("utter_identity_not_a_code", RESEND)]

    def test_a_button_that_leads_here_anyway(self, chat: Chat) -> None:
        with_code(chat)
        chat.press("/press_my_orders{}")
        assert chat.run(VALIDATE).events == slots(consumed_message=chat.id)
        assert chat.run(ASK_CODE).said == [asks_code("utter_identity_waiting", RESEND, CHANGE_MOBILE)]


class TestResend:
    @pytest.mark.parametrize("text", ["کد نیومد", "دوباره بفرست", "the code did not come", "send it again"])
    def test_asked_for_in_words(self, chat: Chat, text: str) -> None:
        with_code(chat)
        chat.world.clock.advance(seconds=61)
        answer = chat.ask(VALIDATE, text, "report_delay")
        assert answer.events == slots(consumed_message=chat.id, otp_outcome="resent", otp_wait_s=60, otp_tries_left=3)
        assert chat.run(ASK_CODE).said == [asks_code("utter_identity_resent", RESEND)]
        assert sent_to(chat) == [MOBILE, MOBILE]

    def test_asked_for_by_the_button(self, chat: Chat) -> None:
        with_code(chat)
        chat.world.clock.advance(seconds=61)
        chat.press(RESEND)
        chat.run(VALIDATE)
        assert sent_to(chat) == [MOBILE, MOBILE]

    def test_the_old_code_is_void(self, chat: Chat) -> None:
        old = with_code(chat)
        chat.world.clock.advance(seconds=61)
        chat.press(RESEND)
        chat.run(VALIDATE)
        if chat.world.messenger.last_code != old:
            chat.ask(VALIDATE, old, "track_order", otp_code=old)
            assert proven(chat) is None
        chat.ask(VALIDATE, "کد", "track_order", otp_code=chat.world.messenger.last_code)
        assert proven(chat) == MOBILE

    def test_too_soon_the_open_code_stays_good(self, chat: Chat) -> None:
        code = with_code(chat)
        chat.world.clock.advance(seconds=20)
        answer = chat.ask(VALIDATE, "کد نیومد", "report_delay")
        assert answer.events == slots(consumed_message=chat.id, otp_outcome="too_soon", otp_wait_s=40, otp_tries_left=3)
        asked = chat.run(ASK_CODE)
        assert asked.said == [asks_code("utter_identity_too_soon", RESEND, CHANGE_MOBILE)]
        assert "۴۰" in asked.text
        chat.ask(VALIDATE, code, "track_order", otp_code=code)
        assert proven(chat) == MOBILE

    def test_too_soon_and_no_open_code_ends_the_form(self, chat: Chat) -> None:
        code = with_code(chat)
        for _ in range(3):
            chat.world.identity.check(CALLER, wrong(code))
        answer = chat.ask(VALIDATE, "دوباره بفرست", "report_delay")
        assert answer.events == [
            *slots(otp_wait_s=60, otp_tries_left=0, consumed_message=chat.id, otp_outcome="too_soon"),
            SlotSet("requested_slot", None),
        ]
        end = submit(chat)
        assert end.said == [Line("utter_identity_ended_too_soon", (TALK,))]
        assert "۶۰" in end.text

    def test_after_the_form_the_button_takes_it_up_again(self, chat: Chat) -> None:
        answer = chat.ask("action_resend_code", RESEND, "press_resend")
        assert answer.said == []
        assert answer.events == [FollowupAction(FORM)]


class TestLimits:
    def test_too_many_requests(self, chat: Chat) -> None:
        most = chat.world.settings.otp_per_conversation_hour
        for _ in range(most):
            chat.world.limiter.hit([Window("otp.conversation", CALLER.conversation_id, most, 3600)])
        in_form(chat, "phone_number", pending_request="action_track_order")
        answer = chat.ask(VALIDATE, MOBILE, "track_order", phone_number=MOBILE)
        assert answer.events == [
            *slots(otp_wait_s=3600, otp_tries_left=0, consumed_message=chat.id, otp_outcome="too_many"),
            SlotSet("requested_slot", None),
        ]
        end = submit(chat)
        assert end.said == [Line("utter_identity_ended_too_many", (TALK,), limit("otp", 3600, "talk_to_human"))]
        assert end.events == done(otp_outcome=None, pending_request=None, phone_number=None)
        assert "۶۰ دقیقه" in end.text
        assert sent_to(chat) == []

    def test_too_many_wrong_codes_from_one_address(self, chat: Chat) -> None:
        code = with_code(chat)
        most = chat.world.settings.otp_wrong_per_address_hour
        for _ in range(most):
            chat.world.limiter.hit([Window("otp_wrong.address", CALLER.address, most, 3600)])
        answer = chat.ask(VALIDATE, code, "track_order", otp_code=code)
        assert SlotSet("otp_outcome", "too_many") in answer.events
        assert proven(chat) is None


class TestFailures:
    def test_the_messenger_is_down(self, chat: Chat) -> None:
        chat.world.messenger.error = Unavailable("messenger")
        in_form(chat, "phone_number")
        answer = chat.ask(VALIDATE, MOBILE, "track_order", phone_number=MOBILE)
        assert answer.events == [
            *slots(otp_wait_s=0, otp_tries_left=0, consumed_message=chat.id, otp_outcome="undeliverable"),
            SlotSet("requested_slot", None),
        ]
        assert submit(chat).said == [Line("utter_identity_ended_undeliverable", (TALK,))]

    @pytest.mark.parametrize("method", ["request", "check"])
    def test_the_store_is_down(self, chat: Chat, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
        def fail(*_: object, **__: object) -> None:
            raise Unavailable("store")

        monkeypatch.setattr(chat.world.identity, method, fail)
        in_form(chat, "otp_code" if method == "check" else "phone_number", phone_number=MOBILE)
        found = {"otp_code": WRONG} if method == "check" else {"phone_number": MOBILE}
        answer = chat.ask(VALIDATE, "x", "track_order", **found)
        assert SlotSet("otp_outcome", "unavailable") in answer.events
        assert answer.events[-1] == SlotSet("requested_slot", None)
        assert submit(chat).said == [Line("utter_identity_ended_unavailable", (TALK,))]

    @pytest.mark.parametrize("error", [ValueError("boom"), Throttled("otp.all", 60)])
    def test_a_fault_of_ours_ends_the_form_with_a_sentence(
        self, chat: Chat, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        """Rasa drops what a failed validation said, and finds the slot of the code filled."""

        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(chat.world.identity, "check", fail)
        in_form(chat, "otp_code", phone_number=MOBILE)
        answer = chat.ask(VALIDATE, WRONG, "track_order", bare=WRONG)
        assert answer.events[-1:] == [SlotSet("requested_slot", None)]
        assert submit(chat).said == [Line("utter_identity_ended_unavailable", (TALK,))]


class TestSubmit:
    def test_goes_on_with_what_it_was_for(self, chat: Chat) -> None:
        chat.slots |= {"otp_outcome": "verified", "otp_code": "verified", "pending_request": "action_cancel_order"}
        answer = chat.ask(SUBMIT, "کد", "track_order")
        assert answer.said == [Line("utter_identity_verified")]
        assert answer.events == [*slots(otp_code=None, otp_outcome=None), FollowupAction("action_cancel_order")]

    def test_without_a_request_the_orders_are_listed(self, chat: Chat) -> None:
        chat.slots |= {"otp_outcome": "verified", "otp_code": "verified"}
        assert chat.ask(SUBMIT, "کد", "track_order").events[-1] == FollowupAction("action_list_orders")

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("outcome", ["locked", "too_many", "too_soon", "undeliverable", "unavailable", "cancelled"])
    def test_every_end_is_a_sentence(self, chat: Chat, outcome: str, language: str) -> None:
        chat.slots |= {"otp_outcome": outcome, "language": language, "otp_wait_s": 30.0}
        assert chat.ask(SUBMIT, "x", "track_order").responses == [f"utter_identity_ended_{outcome}"]

    @pytest.mark.parametrize("outcome", [None, "", "sent", "wrong", "drop_tables"])
    def test_an_end_nobody_knows_is_one_without_a_proof(self, chat: Chat, outcome: str | None) -> None:
        chat.slots |= {"otp_outcome": outcome, "phone_number": MOBILE, "pending_request": "action_cancel_order"}
        answer = chat.ask(SUBMIT, "x", "track_order")
        assert answer.said == [Line("utter_identity_ended_unavailable", (TALK,))]
        assert (chat.slots["phone_number"], chat.slots["pending_request"]) == (None, None)

    def test_who_waits_for_a_mail_that_may_not_come_is_offered_a_person(self, chat: Chat) -> None:
        chat.slots |= {"otp_outcome": "mailed", "language": "en", "phone_number": MOBILE}
        (line,) = chat.ask(ASK_CODE, "x", "track_order").said
        assert line.buttons == (RESEND, TALK)

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize(
        "outcome",
        [
            *(OtpOutcome.SENT, OtpOutcome.RESENT, OtpOutcome.TOO_SOON, OtpOutcome.WRONG, OtpOutcome.EXPIRED),
            *(OtpOutcome.MAILED, OtpOutcome.REMAILED, OtpOutcome.NOTHING_PENDING, "not_a_code", "waiting"),
        ],
    )
    def test_every_state_of_a_code_is_a_sentence(self, chat: Chat, outcome: str, language: str) -> None:
        chat.slots |= {"otp_outcome": str(outcome), "language": language, "phone_number": MOBILE, "otp_wait_s": 30.0}
        assert chat.ask(ASK_CODE, "x", "track_order").responses == [f"utter_identity_{outcome}"]
