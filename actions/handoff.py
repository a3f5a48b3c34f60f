"""Handing over to a person, and beginning anew when the conversation comes back."""

from __future__ import annotations

from actions._base import ServiceAction
from actions._handoff import hand_over
from actions._turn import Turn
from peyk.domain.handoff import HandoffReason
from peyk.domain.tickets import TicketReason


class ActionHandOff(ServiceAction):
    """Give the conversation to a person; where there is none, open a ticket and promise nothing about when."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_hand_off"

    async def handle(self, turn: Turn) -> None:
        """One hand-off or one open ticket a conversation, however often a person is asked for."""
        if await hand_over(turn, HandoffReason.ASKED, "utter_handoff_asked"):
            return
        ticket = await turn.act(
            turn.services.tickets.open, turn.caller, TicketReason.TALK_TO_HUMAN, turn.slot("order_id"), turn.words
        )
        key = "utter_handoff_ticket" if ticket.created_now else "utter_handoff_ticket_already"
        turn.say(key, ticket=ticket.number)
        turn.set_slots(pending_offer=None)


class ActionStartOver(ServiceAction):
    """Leave everything that was going on before people had the conversation; the edge asks for it, nothing is said."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_start_over"

    async def handle(self, turn: Turn) -> None:
        """The order talked about and the language stay."""
        turn.leave()
