"""Ratings, praise and complaints."""

from __future__ import annotations

from actions._base import ServiceAction
from actions._handoff import hand_over_ticket
from actions._orders import TALK, goes_on_with_offer, order_in_question, rating_buttons, rating_of
from actions._turn import Turn
from peyk import i18n
from peyk.domain.tickets import TicketReason

LOW_RATING = 2


class ActionTakeFeedback(ServiceAction):
    """Keep a rating of a delivered order; thank for any other feedback."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_take_feedback"

    async def handle(self, turn: Turn) -> None:
        """Praise is thanked for; a low rating is offered a person."""
        if turn.slot("pending_offer") == "choose" and await goes_on_with_offer(turn):
            return
        rating = rating_of(turn)
        number = await order_in_question(turn)
        if rating is None or number is None:
            asked = turn.slot("subject") == "order" and number is not None
            turn.say("utter_feedback_thanks", buttons=rating_buttons(number) if asked and number else [])
            return
        if not await turn.call(turn.services.feedback.rate, turn.caller, number, rating):
            turn.say("utter_feedback_not_delivered", order_id=number)
            turn.set_slots(pending_offer=None)
            return
        low = rating <= LOW_RATING
        turn.set_slots(pending_offer="talk_to_human" if low else None)
        turn.say(
            "utter_feedback_rated_low" if low else "utter_feedback_rated",
            buttons=[TALK] if low else [],
            order_id=number,
            rating=i18n.localise_digits(str(rating), turn.language),
        )


class ActionTakeComplaint(ServiceAction):
    """Take a complaint seriously: say sorry, open a ticket, give its number."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_take_complaint"

    async def handle(self, turn: Turn) -> None:
        """One open complaint a conversation."""
        ticket = await turn.act(
            turn.services.tickets.open, turn.caller, TicketReason.COMPLAINT, turn.slot("order_id"), turn.words
        )
        turn.say("utter_feedback_complaint", ticket=ticket.number, buttons=[TALK])
        await hand_over_ticket(turn, ticket)
