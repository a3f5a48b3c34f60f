"""Tickets: open one, tell how it stands."""

from __future__ import annotations

from actions._base import ServiceAction
from actions._orders import TALK, ask_identity, begin, order_in_question, say_order
from actions._turn import Turn
from actions.exceptions import say_ticket
from peyk import i18n
from peyk.domain.identity import Level
from peyk.domain.tickets import Ticket, TicketReason
from peyk.services.tracking import TrackOutcome

# The shop cannot be asked about the order now: the request is kept all the same, as a general one.
_SHOP_AWAY = {
    TrackOutcome.UNAVAILABLE,
    TrackOutcome.BAD_ANSWER,
    TrackOutcome.RATE_LIMITED,
    TrackOutcome.ACCESS_REFUSED,
}


class ActionOpenTicket(ServiceAction):
    """Open a ticket for an order, or a general one."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_open_ticket"

    async def handle(self, turn: Turn) -> None:
        """An order's ticket needs the customer's proof; a general one does not."""
        begin(turn, self.name())
        reason = self._reason(turn)
        number = await order_in_question(turn)
        if number is None:
            turn.set_slots(pending_request=None, ticket_reason=None)
            await say_ticket(turn, TicketReason.GENERAL, None)
            return
        result = await turn.call(turn.services.tracking.stage, turn.caller, number)
        if result.outcome is not TrackOutcome.FOUND or result.other_mobile:
            turn.set_slots(ticket_reason=None)
            if result.outcome in _SHOP_AWAY:
                said = turn.slot("pending_note") or turn.words or reason.value
                turn.set_slots(pending_note=f"{number}: {said}")
                await say_ticket(turn, TicketReason.GENERAL, None)
                return
            await say_order(turn, result, named=number)
        elif result.level < Level.VERIFIED:
            turn.set_slots(ticket_reason=reason.value)
            turn.say("utter_identity_needed_for_request")
            ask_identity(turn, self.name())
        else:
            turn.set_slots(pending_request=None)
            await say_ticket(turn, reason, result.order_number)
            turn.set_slots(ticket_reason=None)

    @staticmethod
    def _reason(turn: Turn) -> TicketReason:
        asked = turn.slot("ticket_reason")
        return TicketReason(asked) if asked in set(TicketReason) else TicketReason.GENERAL


class ActionTellTicketStatus(ServiceAction):
    """Tell how the customer's tickets stand."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_tell_ticket_status"

    async def handle(self, turn: Turn) -> None:
        """List the tickets of this conversation and of the proven mobile, newest first."""
        tickets = await turn.call(turn.services.tickets.status, turn.caller)
        if not tickets:
            turn.say("utter_tickets_none", buttons=[TALK])
        proven = await turn.call(turn.services.identity.current, turn.caller)
        for ticket in tickets:
            if ticket.merged_into and ticket.merged_state:
                state = i18n.text(f"ticket_state.{ticket.merged_state.value}", turn.language)
                # Nothing of what the other is about: it may be another order's.
                turn.say("utter_tickets_merged", ticket=ticket.number, into=ticket.merged_into, state=state)
                continue
            if not ticket.order_number:
                response = "utter_tickets_state"
            elif proven and proven.mobile == ticket.mobile:
                response = "utter_tickets_state_with_order"
            else:
                # Once the proof has run out, what the ticket is about is nobody's business any more.
                response = "utter_tickets_state_number_only"
            turn.say(
                response,
                ticket=ticket.number,
                order_id=ticket.order_number or "",
                reason=i18n.text(f"ticket_reason.{ticket.reason.value}", turn.language),
                state=_state(ticket, turn.language),
                opened_on=i18n.format_date(ticket.created_at, turn.language),
            )


def _state(ticket: Ticket, language: str) -> str:
    if ticket.reopened:
        return i18n.text("ticket.reopened", language)
    return i18n.text(f"ticket_state.{ticket.state.value}", language)
