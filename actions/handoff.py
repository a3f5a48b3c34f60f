"""Handing over to a person."""

from __future__ import annotations

from actions._base import ServiceAction
from actions._turn import Turn
from peyk.domain.tickets import TicketReason


class ActionHandOff(ServiceAction):
    """Open a ticket for a person and say so; nothing is promised about when."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_hand_off"

    async def handle(self, turn: Turn) -> None:
        """One open ticket a conversation, however often a person is asked for."""
        ticket = await turn.act(
            turn.services.tickets.open, turn.caller, TicketReason.TALK_TO_HUMAN, turn.slot("order_id"), turn.words
        )
        key = "utter_handoff_ticket" if ticket.created_now else "utter_handoff_ticket_already"
        turn.say(key, ticket=ticket.number)
        turn.set_slots(pending_offer=None)
