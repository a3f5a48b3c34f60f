"""Giving the conversation to a person: said once, and the last word of the bot."""

from __future__ import annotations

import structlog

from actions._turn import Button, Turn
from peyk import i18n
from peyk.domain.handoff import HandoffReason
from peyk.domain.tickets import Ticket
from peyk.errors import ExternalError

log = structlog.get_logger(__name__)

# The edge's own button: people have the conversation, so Rasa never sees it.
BACK_TO_BOT = Button("back_to_bot", "", command="peyk:back_to_bot")


async def hand_over(
    turn: Turn, reason: HandoffReason, response: str, *, order_number: str | None = None, ticket: str | None = None
) -> bool:
    """Prepare the hand-off and say the sentence of it; False when there is nobody, or no reason at this shop.

    The conversation changes hands when the edge keeps the message that is marked here, in one step with it.
    """
    try:
        prepared = await turn.call(
            turn.services.handoff.prepare,
            turn.caller,
            reason,
            order_number=order_number or turn.slot("order_id"),
            words=turn.words,
            tried=turn.tried,
            ticket_number=ticket,
        )
    except ExternalError as exc:
        # What was said so far holds without it.
        log.warning("handoff.failed", system=exc.system, kind=exc.kind)
        return False
    if prepared is None:
        return False
    turn.say(
        response,
        buttons=[BACK_TO_BOT],
        custom={"hand_over": True, "handoff": i18n.queued_object(prepared)},
        when=i18n.when(prepared, turn.app.clock.now(), turn.language),
    )
    turn.handed_over = True
    return True


async def hand_over_ticket(turn: Turn, ticket: Ticket) -> bool:
    """Give the conversation of a ticket to a person when it should not wait; False when the ticket is enough."""
    triggers = turn.services.handoff.triggers
    reason = await turn.call(triggers.reason_of, turn.caller, ticket.reason, ticket.order_number)
    if reason is None:
        return False
    return await hand_over(
        turn, reason, "utter_handoff_request", order_number=ticket.order_number, ticket=ticket.number
    )
