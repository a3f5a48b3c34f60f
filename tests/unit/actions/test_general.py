"""Small talk, yes and no, asking back, and what the assistant says of its own messages."""

from __future__ import annotations

import pytest
from rasa_sdk.events import FollowupAction

from peyk.domain.situations import Situation
from peyk.i18n.catalogue import catalogue
from tests.unit.actions.fakes import TALK, TRACK, Chat, Line, done, slots
from tests.unit.actions.stories import CODE, NUMBER, TELL
from tests.unit.actions.wording import INTENTS

ASK_BACK = "action_ask_back"
# Meanings nobody is offered: they are no help as a suggestion.
NO_SUGGESTIONS = {
    *("nlu_fallback", "out_of_scope", "greet", "goodbye", "thank", "affirm", "deny", "stop"),
    *("bot_challenge", "give_feedback", "change_language"),
}


class TestChat:
    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize(
        ("intent", "helps"),
        [
            ("greet", True),
            ("ask_capabilities", True),
            ("out_of_scope", True),
            ("goodbye", False),
            ("thank", False),
            ("bot_challenge", False),
            ("change_language", False),
        ],
    )
    def test_one_response_an_intent(self, chat: Chat, intent: str, helps: bool, language: str) -> None:
        chat.slots["language"] = language
        answer = chat.ask("action_chat", "…", intent)
        assert answer.said == [Line(f"utter_general_{intent}", (TRACK, TALK) if helps else ())]
        assert answer.events == done()


class TestYesAndNo:
    @pytest.mark.parametrize(
        ("offer", "action"), [("verify", "action_start_verification"), ("talk_to_human", "action_hand_off")]
    )
    def test_yes_takes_the_offer(self, chat: Chat, offer: str, action: str) -> None:
        chat.slots["pending_offer"] = offer
        answer = chat.ask("action_affirm", "آره", "affirm")
        assert answer.said == []
        assert answer.events == [*slots(pending_offer=None), FollowupAction(action)]

    @pytest.mark.parametrize("offer", [None, "rating", "choose", "drop_tables"])
    def test_yes_to_nothing(self, chat: Chat, offer: str | None) -> None:
        chat.slots["pending_offer"] = offer
        answer = chat.ask("action_affirm", "آره", "affirm")
        assert answer.said == [Line("utter_general_affirm")]
        assert answer.events == done()

    def test_no_leaves_the_offer(self, chat: Chat) -> None:
        chat.slots |= {"pending_offer": "verify", "pending_request": "action_cancel_order", "order_id": "TS-104233"}
        answer = chat.ask("action_deny", "نه", "deny")
        assert answer.said == [Line("utter_general_deny")]
        assert answer.events == done(pending_offer=None, pending_request=None)
        assert chat.slots["order_id"] == "TS-104233"

    def test_stop_forgets_the_request_and_keeps_the_order(self, chat: Chat) -> None:
        chat.slots |= {"pending_offer": "verify", "pending_request": "action_cancel_order", "order_id": "TS-104233"}
        answer = chat.ask("action_stop", "بی‌خیال", "stop")
        assert answer.said == [Line("utter_general_stop")]
        assert answer.events == done(pending_offer=None, pending_request=None)
        assert chat.slots["order_id"] == "TS-104233"


class TestAskBack:
    RANKING = (
        ("nlu_fallback", 0.3),
        ("report_delay", 0.28),
        ("greet", 0.2),
        ("ask_refund_status", 0.1),
        ("cancel_order", 0.09),
        ("complain", 0.08),
        ("fix_address", 0.01),
    )

    def test_the_likeliest_meanings_are_offered(self, chat: Chat) -> None:
        answer = chat.ask(ASK_BACK, "قلمبه", "nlu_fallback", ranking=self.RANKING)
        payloads = ("/report_delay{}", "/ask_refund_status{}", "/cancel_order{}")
        assert answer.said == [Line("utter_general_ask_back", payloads)]
        assert answer.titles == [["سفارشم دیر کرده", "وضعیت بازگشت وجه", "لغو سفارش"]]
        assert answer.events == done(misses=1, meaning_words="قلمبه")

    @pytest.mark.parametrize("ranking", [(), (("nlu_fallback", 0.9), ("greet", 0.8)), (("cancel_order", 0.04),)])
    def test_without_a_likely_meaning_it_says_so(self, chat: Chat, ranking: tuple[tuple[str, float], ...]) -> None:
        answer = chat.ask(ASK_BACK, "قلمبه", "nlu_fallback", ranking=ranking)
        assert answer.said == [Line("utter_general_not_understood", (TRACK, TALK))]
        assert answer.events == done(misses=1)

    @pytest.mark.parametrize("misses", [1, 1.0, 2, 7])
    def test_at_the_second_miss_a_person_is_offered(self, chat: Chat, misses: float) -> None:
        chat.slots["misses"] = misses
        answer = chat.ask(ASK_BACK, "قلمبه", "nlu_fallback", ranking=self.RANKING)
        assert answer.said == [Line("utter_general_second_miss", (TALK, TRACK))]
        assert answer.events == done(misses=misses + 1, pending_offer="talk_to_human")

    def test_yes_then_is_the_person(self, chat: Chat) -> None:
        chat.say("قلمبه", "nlu_fallback")
        chat.say("سلمبه", "nlu_fallback")
        assert chat.say("آره", "affirm").responses == ["utter_handoff_ticket"]

    def test_an_understood_message_in_between_counts_anew(self, chat: Chat) -> None:
        chat.say("قلمبه", "nlu_fallback")
        chat.say("سلام", "greet")
        assert chat.say("سلمبه", "nlu_fallback").responses == ["utter_general_not_understood"]

    def test_words_that_were_understood_after_all_count_anew(self, chat: Chat) -> None:
        chat.say("قلمبه", "nlu_fallback")
        chat.slots["shipping_question"] = "action_answer_shipping_cost"
        assert chat.say("رشت", "nlu_fallback", city="Rasht").responses == ["utter_shipping_info_shipping_cost_ok"]
        assert chat.say("سلمبه", "nlu_fallback").responses == ["utter_general_not_understood"]

    @pytest.mark.parametrize("found", [{"order_id": NUMBER}, {"tracking_code": CODE}])
    def test_an_order_or_parcel_that_is_named_is_told_about(self, chat: Chat, found: dict[str, str]) -> None:
        chat.slots["misses"] = 1
        answer = chat.ask(ASK_BACK, "قلمبه", "nlu_fallback", ranking=self.RANKING, **found)
        assert answer.said == []
        assert answer.events == [*slots(misses=0), FollowupAction("action_track_order")]

    def test_its_stage_is_the_answer(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        answer = chat.say(f"قلمبه {NUMBER}", "nlu_fallback", order_id=NUMBER)
        assert answer.responses == ["utter_tracking_stage_in_transit"]
        assert chat.steps == [ASK_BACK, "action_track_order"]

    def test_a_bare_number_may_be_anything(self, chat: Chat) -> None:
        answer = chat.ask(ASK_BACK, "قلمبه 104233", "nlu_fallback", bare="104233")
        assert answer.said == [Line("utter_general_not_understood", (TRACK, TALK))]

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize(
        "intent", sorted(name for name in INTENTS if name not in NO_SUGGESTIONS and not name.startswith("press_"))
    )
    def test_every_meaning_that_may_be_offered_has_a_title(self, chat: Chat, intent: str, language: str) -> None:
        chat.slots["language"] = language
        answer = chat.ask(ASK_BACK, "قلمبه", "nlu_fallback", ranking=[(intent, 0.3)])
        assert answer.said == [Line("utter_general_ask_back", (f"/{intent}{{}}",))]

    @pytest.mark.parametrize("intent", sorted(NO_SUGGESTIONS))
    def test_what_is_no_help_is_not_offered(self, chat: Chat, intent: str) -> None:
        answer = chat.ask(ASK_BACK, "قلمبه", "nlu_fallback", ranking=[(intent, 0.4)])
        assert answer.said == [Line("utter_general_not_understood", (TRACK, TALK))]


class TestNotifications:
    def test_the_truth_about_messages(self, chat: Chat) -> None:
        answer = chat.ask("action_manage_notifications", "پیام نفرستید", "manage_notifications")
        assert answer.said == [Line("utter_notifications_truth", ("/open_ticket{}", TALK))]
        assert answer.events == done()


def test_titles_are_short_enough_for_a_button() -> None:
    buttons = {key: texts for key, texts in catalogue().items() if key.startswith("button.intent_")}
    assert [key for key, texts in buttons.items() if max(map(len, texts.values())) > 30] == []
