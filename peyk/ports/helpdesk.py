"""Where people in the shop work on what the assistant cannot do."""

from __future__ import annotations

from typing import Protocol

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
