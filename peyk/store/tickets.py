"""Tickets in Peyk's own store: the built-in help desk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, insert, or_, select, update
from sqlalchemy.engine import Row

from peyk.domain.tickets import Ticket, TicketReason, TicketState
from peyk.ports.clock import Clock
from peyk.store.engine import lock, reading, writing
from peyk.store.tables import tickets

PREFIX = "PK-"
FIRST_NUMBER = 1001
NUMBER_DIGITS = 9


class BuiltinHelpdesk:
    """Opens and reads tickets in the store (the port `Helpdesk`)."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def open(
        self,
        *,
        conversation_id: str,
        reason: TicketReason,
        order_number: str | None,
        mobile: str | None,
        note: str,
        priority: int,
    ) -> Ticket:
        """Open a ticket, or return the unresolved one of the same order and reason.

        Without an order the conversation takes its place. Safe under concurrent calls: one ticket,
        `created_now` True for exactly one caller.
        """
        what = f"order:{order_number}" if order_number else f"conversation:{conversation_id}"
        dedupe_key = f"{what}:{reason.value}"
        with writing(self._engine) as connection:
            # The unique index would refuse a second ticket anyway; the lock makes the second caller wait and find it.
            lock(connection, f"ticket:{dedupe_key}")
            known = _unresolved(connection, dedupe_key)
            if known is not None:
                return _ticket(known)
            now = self._clock.now()
            row = {
                "dedupe_key": dedupe_key,
                "reason": reason.value,
                "state": TicketState.OPEN.value,
                "conversation_id": conversation_id,
                "order_number": order_number,
                "mobile": mobile,
                # PostgreSQL takes no null character in a text.
                "note": note.replace("\x00", ""),
                "priority": priority,
                "created_at": now,
                "updated_at": now,
            }
            made = connection.execute(insert(tickets).values(row).returning(*tickets.c)).one()
        return _ticket(made, created_now=True)

    def tickets_of(self, *, conversation_id: str, mobile: str | None, limit: int = 3) -> list[Ticket]:
        """Return the newest tickets of a conversation or a (proven) mobile, newest first."""
        whose: list[ColumnElement[bool]] = [tickets.c.conversation_id == conversation_id]
        if mobile:
            whose.append(tickets.c.mobile == mobile)
        query = select(tickets).where(or_(*whose)).order_by(tickets.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [_ticket(row) for row in connection.execute(query)]

    def in_state(self, *states: TicketState) -> list[Ticket]:
        """Return the tickets in one of the states, in the order they should be worked on."""
        query = (
            select(tickets)
            .where(tickets.c.state.in_([state.value for state in states]))
            .order_by(tickets.c.priority.desc(), tickets.c.id)
        )
        with reading(self._engine) as connection:
            return [_ticket(row) for row in connection.execute(query)]

    def by_number(self, number: str) -> Ticket | None:
        """Return a ticket; None when there is no such number."""
        with reading(self._engine) as connection:
            row = connection.execute(select(tickets).where(tickets.c.id == _id(number))).one_or_none()
        return _ticket(row) if row else None

    def set_state(self, number: str, state: TicketState) -> Ticket | None:
        """Move a ticket on; None when there is no such number. A resolved ticket stays resolved."""
        ticket_id = _id(number)
        change = (
            update(tickets)
            .where(tickets.c.id == ticket_id, tickets.c.state != TicketState.RESOLVED.value)
            .values(state=state.value, updated_at=self._clock.now())
        )
        with writing(self._engine) as connection:
            connection.execute(change)
            row = connection.execute(select(tickets).where(tickets.c.id == ticket_id)).one_or_none()
        return _ticket(row) if row else None


def _id(number: str) -> int:
    """Return the row a number stands for; 0, which is no row, for what is no number of ours."""
    digits = number.removeprefix(PREFIX)
    # More digits than the databases' integers take would be an error of theirs.
    return int(digits) - FIRST_NUMBER + 1 if digits.isdecimal() and len(digits) <= NUMBER_DIGITS else 0


def _unresolved(connection: Connection, dedupe_key: str) -> Row[Any] | None:
    open_one = (tickets.c.dedupe_key == dedupe_key) & (tickets.c.state != TicketState.RESOLVED.value)
    return connection.execute(select(tickets).where(open_one)).one_or_none()


def _ticket(row: Row[Any], *, created_now: bool = False) -> Ticket:
    return Ticket(
        number=f"{PREFIX}{FIRST_NUMBER - 1 + row.id}",
        reason=TicketReason(row.reason),
        state=TicketState(row.state),
        conversation_id=row.conversation_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        order_number=row.order_number,
        mobile=row.mobile,
        note=row.note,
        priority=row.priority,
        created_now=created_now,
    )
