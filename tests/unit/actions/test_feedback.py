"""Ratings, praise and complaints."""

from __future__ import annotations

import pytest
from rasa_sdk.events import FollowupAction, SlotSet

from peyk.domain.situations import Situation
from peyk.domain.tickets import TicketReason
from peyk.errors import Unavailable
from tests.unit.actions.fakes import TALK, Chat, Line, done
from tests.unit.actions.lines import RATE
from tests.unit.actions.stories import NUMBER, TELL
from tests.unit.services.fakes import CALLER

TAKE = "action_take_feedback"


def kept(chat: Chat) -> dict[tuple[str, str], tuple[int, bool]]:
    return chat.world.ratings.kept


class TestRating:
    @pytest.mark.parametrize("stars", [1, 2, 3, 4, 5])
    def test_by_button(self, chat: Chat, stars: int) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.press(RATE[stars - 1])
        answer = chat.run(TAKE)
        low = stars <= 2
        assert answer.said == [Line(f"utter_feedback_rated{'_low' if low else ''}", (TALK,) if low else ())]
        assert answer.events == done(subject="order", **({"pending_offer": "talk_to_human"} if low else {}))
        assert kept(chat) == {(NUMBER, CALLER.conversation_id): (stars, False)}
        assert "۰۱۲۳۴۵"[stars] in answer.text

    @pytest.mark.parametrize("text", ["4", "۴", " 4 "])
    def test_a_bare_number_after_it_was_asked_for(self, chat: Chat, text: str) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.ask("action_track_order", NUMBER, "track_order", order_id=NUMBER)
        answer = chat.ask(TAKE, text, "give_feedback", lone=4)
        assert answer.said == [Line("utter_feedback_rated")]
        assert answer.events == [*done(pending_offer=None), SlotSet("pending_request", None)]
        assert kept(chat)[NUMBER, CALLER.conversation_id] == (4, False)

    @pytest.mark.parametrize("intent", ["track_order", "nlu_fallback", "out_of_scope", "greet", "affirm", "deny"])
    def test_whatever_a_bare_number_looks_like_it_is_the_rating(self, chat: Chat, intent: str) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        answer = chat.say("5", intent, lone=5)
        assert answer.responses == ["utter_feedback_rated"]
        assert kept(chat)[NUMBER, CALLER.conversation_id] == (5, False)

    def test_a_lone_digit_nobody_asked_for_is_no_rating(self, chat: Chat) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.slots |= {"order_id": NUMBER, "subject": "order"}
        assert chat.ask(TAKE, "4", "give_feedback", lone=4).said == [Line("utter_feedback_thanks", RATE)]
        assert kept(chat) == {}

    def test_the_rating_of_the_owner_is_kept_as_such(self, chat: Chat) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.world.prove()
        chat.press(RATE[4])
        chat.run(TAKE)
        assert kept(chat) == {(NUMBER, CALLER.conversation_id): (5, True)}

    def test_an_order_on_its_way_is_not_rated(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.press(RATE[4])
        assert chat.run(TAKE).said == [Line("utter_feedback_not_delivered")]
        assert kept(chat) == {}

    def test_no_such_order_is_not_said_to_be_on_its_way(self, chat: Chat) -> None:
        chat.press(RATE[4])
        assert chat.run(TAKE).said == [Line("utter_general_not_found")]
        assert kept(chat) == {}

    def test_the_shop_is_down(self, chat: Chat) -> None:
        chat.world.orders.error = Unavailable("shop")
        chat.press(RATE[4])
        assert chat.run(TAKE).said == [Line("utter_general_unavailable")]
        assert kept(chat) == {}


class TestPraise:
    def test_is_thanked_for(self, chat: Chat) -> None:
        answer = chat.ask(TAKE, "کارتون عالیه", "give_feedback")
        assert answer.said == [Line("utter_feedback_thanks")]
        assert answer.events == done()

    def test_of_an_order_talked_about_asks_for_a_rating(self, chat: Chat) -> None:
        chat.slots |= {"order_id": NUMBER, "subject": "order"}
        assert chat.ask(TAKE, "کارتون عالیه", "give_feedback").said == [Line("utter_feedback_thanks", RATE)]

    def test_words_for_an_offered_order_choose_it(self, chat: Chat) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.world.prove()
        chat.slots |= {"orders_offered": True, "pending_offer": "choose"}
        answer = chat.ask(TAKE, "همون هدفونه", "give_feedback")
        assert answer.said == []
        assert answer.events[-1] == FollowupAction("action_track_order")
        assert chat.slots["order_id"] == NUMBER


class TestComplaint:
    ACTION = "action_take_complaint"

    def test_a_ticket_and_its_number(self, chat: Chat) -> None:
        answer = chat.ask(self.ACTION, "افتضاحید", "complain")
        assert answer.said == [Line("utter_feedback_complaint", (TALK,))]
        assert answer.events == done()
        (ticket,) = chat.world.helpdesk.tickets
        assert (ticket.reason, ticket.note) == (TicketReason.COMPLAINT, "افتضاحید")
        assert "PK-1001" in answer.text

    @pytest.mark.parametrize(("proven", "number"), [(True, NUMBER), (False, None)])
    def test_of_the_proven_customers_order(self, chat: Chat, proven: bool, number: str | None) -> None:
        TELL[Situation.LATE](chat.world)
        if proven:
            chat.world.prove()
        chat.slots["order_id"] = NUMBER
        chat.ask(self.ACTION, "افتضاحید", "complain")
        assert [ticket.order_number for ticket in chat.world.helpdesk.tickets] == [number]

    def test_one_open_complaint_a_conversation(self, chat: Chat) -> None:
        chat.ask(self.ACTION, "افتضاحید", "complain")
        assert "PK-1001" in chat.ask(self.ACTION, "واقعاً که", "complain").text
        assert len(chat.world.helpdesk.tickets) == 1

    def test_a_button_leaves_no_payload_in_the_ticket(self, chat: Chat) -> None:
        chat.press("/complain{}")
        chat.run(self.ACTION)
        assert chat.world.helpdesk.tickets[0].note == ""
