"""What is read at an outside desk, done to our tickets by the rules every operator is bound to."""

from __future__ import annotations

from peyk.domain.ticket_steps import TicketRefused
from peyk.domain.tickets import StateReason, Ticket, TicketState
from peyk.ports.tickets import Tickets
from peyk.services.ticket_desk import TicketDesk


class DeskStates:
    """Moves tickets in the name of an outside desk (the port `TicketStates`)."""

    def __init__(self, tickets: Tickets, desk: TicketDesk, by: str) -> None:
        self._tickets = tickets
        self._desk = desk
        self._by = by

    def by_number(self, number: str) -> Ticket | None:
        """Return a ticket; None when there is no such number."""
        return self._tickets.by_number(number)

    def set_state(self, number: str, state: TicketState) -> Ticket | None:
        """Begin or resolve a ticket; one that does not allow it, or is to be open again, stays as it is."""
        try:
            if state is TicketState.IN_PROGRESS:
                return self._desk.begin(number, self._by)
            if state is TicketState.RESOLVED:
                # Whoever solved it there has had it, whoever has it here.
                return self._desk.resolve(number, self._by, StateReason.SOLVED, force=True)
        except TicketRefused:
            pass
        return self._tickets.by_number(number)

    def answer(self, number: str, text: str, *, key: str) -> None:
        """Say to the customer what a person outside has answered, once a key."""
        self._desk.relay(number, self._by, text, key=key)
