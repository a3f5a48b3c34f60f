"""What a customer says to "did it help?": thanks, or the ticket is open again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from peyk import i18n
from peyk.domain import ticket_steps as steps
from peyk.domain.conversations import Caller
from peyk.domain.tickets import CUSTOMER, EventKind, NewEvent, Ticket, TicketState
from peyk.ports.clock import Clock
from peyk.ports.records import AuditLog
from peyk.ports.tickets import Tickets
from peyk.services.sla import Sla


class Outcome(StrEnum):
    """What came of the customer's word."""

    THANKS = "thanks"
    REOPENED = "reopened"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HelpedResult:
    """What came of it, and the ticket it is about now (None: it is none of this conversation's)."""

    outcome: Outcome
    number: str | None = None

    def words(self, language: str) -> str:
        """Return what is said to the customer."""
        return i18n.text(f"ticket.after_{self.outcome.value}", language, ticket=self.number or "")


class DidItHelp:
    """Takes the answers to "did it help?"."""

    def __init__(self, *, tickets: Tickets, sla: Sla, audit: AuditLog, clock: Clock) -> None:
        self._tickets = tickets
        self._sla = sla
        self._audit = audit
        self._clock = clock

    def helped(self, caller: Caller, number: str, *, yes: bool) -> HelpedResult:
        """Keep a customer's word; "no" opens the ticket again, however often it is said once.

        Only for a ticket of the caller's own conversation. Raises Unavailable.
        """
        ticket = self._tickets.by_number(number)
        if ticket is None or ticket.conversation_id != caller.conversation_id:
            return HelpedResult(Outcome.UNKNOWN)
        if ticket.merged_into and not yes:
            # What is still to be done is done there.
            ticket = self._tickets.by_number(ticket.merged_into) or ticket
        now = self._clock.now()
        changed = self._tickets.change(ticket.number, steps.helped(yes, self._sla.clocks(ticket.queue), now), now)
        after = changed.ticket if changed else ticket
        if not yes and after.state is TicketState.RESOLVED:
            after = self._with_its_twin(after) or after
        self._note_down(caller, ticket, yes=yes)
        if after.state is TicketState.RESOLVED or (yes and not after.unresolved):
            return HelpedResult(Outcome.THANKS, after.number)
        fresh = after.unresolved and not ticket.unresolved
        return HelpedResult(Outcome.REOPENED if fresh else Outcome.OPEN, after.merged_into or after.number)

    def _with_its_twin(self, ticket: Ticket) -> Ticket | None:
        """Merge a ticket that cannot be opened again into the newer one of the same matter."""
        twin = self._tickets.twin(ticket.number)
        now = self._clock.now()
        if twin is None:
            return None
        said = NewEvent(EventKind.HELPED, CUSTOMER, detail={"helped": "no"}, key=f"not-helped:{twin.number}")
        self._tickets.record(ticket.number, said, now)
        # The same word twice at once: the other has merged it.
        with suppress(steps.TicketRefused):
            self._tickets.merge(ticket.number, twin.number, CUSTOMER, now, force=True)
        return self._tickets.by_number(ticket.number)

    def _note_down(self, caller: Caller, ticket: Ticket, *, yes: bool) -> None:
        self._audit.append(
            at=self._clock.now(),
            conversation_id=caller.conversation_id,
            event="ticket.helped",
            subject=ticket.number,
            detail={"helped": "yes" if yes else "no"},
        )
