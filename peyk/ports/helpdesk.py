"""Where people in the shop work on what the assistant cannot do."""

from __future__ import annotations

from typing import Protocol

from peyk.domain.outside import OutsideNote, OutsideTicket, PersonSays, StateNames, TicketDraft
from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import Clocks, Ticket, TicketReason


class Helpdesk(Protocol):
    """Opens and reads tickets. Every method may raise Unavailable."""

    def open(
        self,
        *,
        conversation_id: str,
        reason: TicketReason,
        order_number: str | None,
        mobile: str | None,
        note: str,
        priority: Priority,
        queue: Queue = Queue.L1,
        clocks: Clocks | None = None,
    ) -> Ticket:
        """Open a ticket, or return the unresolved one of the same order and reason.

        Without an order the conversation takes its place. Of one that was merged it is the ticket it went into.
        `clocks` say when answer and solution are due. Safe under concurrent calls: one ticket, `created_now` True for
        exactly one caller.
        """
        ...

    def tickets_of(self, *, conversation_id: str, mobile: str | None, limit: int = 3) -> list[Ticket]:
        """Return the newest tickets of a conversation or a (proven) mobile, newest first."""
        ...


class OutsideHelpdesk(Protocol):
    """A help desk that mirrors our tickets; ours stay the truth.

    Every method may raise Unavailable, RateLimited or BadAnswer; those with an `external_id` also NotFound. None of
    these desks knows a key against repeats, so each effect carries ours and is looked for before it is made.
    `system` names the desk, `states` is its vocabulary, `settle_s` how long a new ticket may stay unfindable there.
    """

    system: str
    states: StateNames
    settle_s: float

    def find(self, draft: TicketDraft) -> OutsideTicket | None:
        """Return the ticket with the draft's key, or None when there is none."""
        ...

    def create(self, draft: TicketDraft) -> OutsideTicket:
        """Make a ticket. Call `find` first, and again after any error: it may have been made all the same."""
        ...

    def complete(self, external_id: str, draft: TicketDraft) -> None:
        """Write what the ticket says to one that was found or made, unless it is there; repeats change nothing."""
        ...

    def add_note(self, external_id: str, note: OutsideNote) -> None:
        """Add a note, unless one with its key is there."""
        ...

    def read(self, external_id: str) -> OutsideTicket:
        """Return how the ticket stands."""
        ...

    def said(self, external_id: str) -> tuple[PersonSays, ...]:
        """Return what people there wrote to the customer, oldest first: nothing internal, nothing of ours."""
        ...

    def set_state(self, external_id: str, state: str) -> OutsideTicket:
        """Move the ticket to a state of the desk's own; return how it stands then."""
        ...
