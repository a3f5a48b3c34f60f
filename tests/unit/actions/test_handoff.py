"""When the bot gives the conversation to a person: the last thing it says, and nothing left open."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.events import ActiveLoop

from actions._turn import Turn
from peyk.domain.conversations import Caller
from peyk.domain.handoff import HandoffReason
from peyk.domain.situations import Situation
from peyk.errors import Unavailable
from tests.unit.actions.fakes import Answer, Chat
from tests.unit.actions.lines import act
from tests.unit.actions.stories import NUMBER, TELL
from tests.unit.services.fakes import MOBILE, order
from tests.unit.services.world import World

BACK = "peyk:back_to_bot"
GARBLED = "قلتبان فسفل"


@pytest.fixture
def there(chat: Chat) -> Chat:
    """A conversation at a shop with people."""
    chat.world.people.there = True
    return chat


def terminal(answer: Answer) -> dict[str, Any]:
    """Return the `custom` of the sentence that hands over; it is the last one, and says the way back."""
    last = answer.said[-1]
    assert last.buttons == (BACK,)
    assert last.custom["hand_over"] is True
    assert last.custom["nextActions"] == [{"id": "back_to_bot", "title": "ادامه با دستیار"}]
    assert [line for line in answer.said[:-1] if line.custom.get("hand_over")] == []
    handoff: dict[str, Any] = last.custom["handoff"]
    return handoff


class TestAsked:
    def test_the_sentence_has_the_place(self, there: Chat) -> None:
        answer = there.say("یه آدم واقعی می‌خوام", "talk_to_human")
        assert answer.responses == ["utter_handoff_asked"]
        assert terminal(answer) == {"state": "queued", "place": 2}
        assert "نفر ۲ صف" in answer.text
        assert there.world.helpdesk.tickets == []
        assert there.world.people.prepared[0]["words"] == "یه آدم واقعی می‌خوام"

    def test_the_waiting_time_is_told_when_it_is_known(self, there: Chat) -> None:
        there.slots["language"] = "en"
        there.world.people.wait_minutes = 4
        answer = there.say("a person please", "talk_to_human")
        assert "less than 4 minutes" in answer.text
        assert answer.said[-1].custom["handoff"] == {"state": "queued", "place": 2, "waitMinutes": 4}

    def test_by_a_button(self, there: Chat) -> None:
        answer = there.press_turn("/talk_to_human{}")
        terminal(answer)
        assert there.world.people.prepared[0]["words"] == ""

    def test_nobody_is_there(self, chat: Chat) -> None:
        assert chat.say("یه آدم", "talk_to_human").responses == ["utter_handoff_ticket"]
        assert len(chat.world.helpdesk.tickets) == 1

    def test_when_it_cannot_be_kept_a_ticket_is_opened(self, there: Chat) -> None:
        there.world.people.error = Unavailable("store")
        assert there.say("یه آدم", "talk_to_human").responses == ["utter_handoff_ticket"]

    def test_no_second_wish_after_it(self, there: Chat) -> None:
        answer = there.say("یه آدم، و کجاست؟", "talk_to_human", wish="track_order", others=["open_ticket"])
        assert answer.responses == ["utter_handoff_asked"]


class TestNothingStaysOpen:
    def test_an_open_form_ends(self, there: Chat) -> None:
        there.slots |= {"order_id": NUMBER}
        there.press_turn(f'/press_verify{{"order_id": "{NUMBER}"}}')
        assert there.active_loop
        answer = there.say("یه آدم واقعی می‌خوام", "talk_to_human")
        assert answer.responses == ["utter_handoff_asked"]
        assert ActiveLoop(None) in answer.events
        assert there.slots.get("requested_slot") is None
        kept = [there.slots.get(name) for name in ("pending_request", "pending_order", "otp_code", "otp_outcome")]
        assert kept == [None] * 4

    def test_begun_anew_inside_the_form_nothing_is_said(self, chat: Chat) -> None:
        chat.press_turn("/press_verify{}")
        assert chat.active_loop
        answer = chat.press_turn("/press_start_over{}")
        assert answer.said == []
        assert chat.slots.get("requested_slot") is None
        assert chat.slots.get("pending_request") is None

    def test_begun_anew_outside_of_it(self, chat: Chat) -> None:
        chat.slots |= {
            "pending_request": "action_cancel_order",
            "pending_offer": "rating",
            "misses": 1,
            "order_id": "x",
        }
        answer = chat.press_turn("/press_start_over{}")
        assert answer.said == []
        assert [chat.slots[name] for name in ("pending_request", "pending_offer", "misses")] == [None, None, 0]
        assert chat.slots["order_id"] == "x"


class TestMisses:
    def test_the_second_goes_to_a_person(self, there: Chat) -> None:
        assert there.say(GARBLED, "nlu_fallback").responses == ["utter_general_not_understood"]
        answer = there.say(GARBLED, "nlu_fallback")
        assert answer.responses == ["utter_handoff_second_miss"]
        terminal(answer)
        assert there.world.people.reasons == [HandoffReason.SECOND_MISS]
        assert there.slots["misses"] == 0

    def test_nobody_is_there(self, chat: Chat) -> None:
        chat.say(GARBLED, "nlu_fallback")
        assert chat.say(GARBLED, "nlu_fallback").responses == ["utter_general_second_miss"]

    def test_whom_the_shop_looks_after_goes_at_the_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        chat = Chat(World({"handoff_vip": True}))
        monkeypatch.setattr("actions._base.current_app", lambda: chat.app)
        chat.world.people.there = True
        chat.world.orders.orders.append(order(vip=True))
        chat.world.prove()
        terminal(chat.say(GARBLED, "nlu_fallback"))
        assert chat.world.people.reasons == [HandoffReason.VIP]


class TestTickets:
    @pytest.mark.parametrize(
        ("situation", "action", "intent", "reason"),
        [
            (Situation.PREPARING, "action_cancel_order", "cancel_order", HandoffReason.LEVEL3),
            (Situation.PREPARING, "action_fix_address", "fix_address", HandoffReason.LEVEL3),
            (Situation.PREPARING, "action_change_order", "change_order", HandoffReason.LEVEL3),
            (Situation.DELIVERED, "action_request_return", "request_return", HandoffReason.LEVEL3),
            (Situation.DELIVERED, "action_report_not_received", "report_not_received", HandoffReason.URGENT),
            (Situation.DELIVERED, "action_report_damaged", "report_damaged", HandoffReason.URGENT),
            (Situation.PAYMENT_FAILED, "action_payment_problem", "payment_problem", HandoffReason.PAYMENT),
        ],
    )
    def test_what_only_a_person_decides(
        self, there: Chat, situation: Situation, action: str, intent: str, reason: HandoffReason
    ) -> None:
        TELL[situation](there.world)
        there.world.prove(MOBILE)
        there.slots |= {"order_id": NUMBER}
        answer = there.ask(action, "لطفاً رسیدگی کنید", intent)
        assert answer.responses[-2:] == ["utter_tickets_opened", "utter_handoff_request"]
        terminal(answer)
        (kept,) = there.world.people.prepared
        assert (kept["reason"], kept["order"], kept["ticket"]) == (reason, NUMBER, "PK-1001")
        assert len(there.world.helpdesk.tickets) == 1

    def test_resending(self, there: Chat) -> None:
        TELL[Situation.RETURNED](there.world)
        there.world.prove(MOBILE)
        there.press(act("open_ticket", "returned"))
        terminal(there.run("action_open_ticket"))
        assert there.world.people.reasons == [HandoffReason.LEVEL3]

    @pytest.mark.parametrize("reason", ["late", "stalled", "refund", "customs", "document", "general"])
    def test_what_can_wait_stays_a_ticket(self, there: Chat, reason: str) -> None:
        TELL[Situation.LATE](there.world)
        there.world.prove(MOBILE)
        there.press(act("open_ticket", reason))
        assert there.run("action_open_ticket").responses == ["utter_tickets_opened"]
        assert there.world.people.prepared == []

    def test_a_refusal_is_no_reason(self, there: Chat) -> None:
        TELL[Situation.DELIVERED](there.world)
        there.world.prove(MOBILE)
        there.slots |= {"order_id": NUMBER}
        there.ask("action_cancel_order", "لغوش کنید", "cancel_order")
        assert there.world.people.prepared == []

    def test_without_proof_nothing_goes_anywhere(self, there: Chat) -> None:
        TELL[Situation.PREPARING](there.world)
        there.slots |= {"order_id": NUMBER}
        there.ask("action_cancel_order", "لغوش کنید", "cancel_order")
        assert there.world.people.prepared == []


def test_what_was_tried() -> None:
    names = ["action_listen", "action_session_start", "action_track_order", "identity_form", "action_chat"]
    names += ["action_track_order", "utter_x", "action_listen"]

    class Tracked:
        sender_id = "c1"
        latest_message: dict[str, Any] = {}  # noqa: RUF012
        active_loop: dict[str, Any] = {}  # noqa: RUF012
        events = [{"event": "action", "name": name} for name in names]  # noqa: RUF012

        @staticmethod
        def get_slot(_: str) -> None:
            return None

    turn = Turn(None, None, Tracked())  # type: ignore[arg-type]
    assert turn.tried == ("action_chat", "action_track_order")
    assert turn.caller == Caller("c1")
