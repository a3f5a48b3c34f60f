"""Tickets in Peyk's own store: the built-in help desk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, insert, or_, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import (
    CUSTOMER,
    UNRESOLVED,
    Clocks,
    EventKind,
    NewEvent,
    Ticket,
    TicketReason,
    TicketState,
)
from peyk.ports.clock import Clock
from peyk.store.engine import lock, reading, writing
from peyk.store.tables import tickets
from peyk.store.ticket_rows import add_events, query, read, values


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
        priority: Priority,
        queue: Queue = Queue.L1,
        clocks: Clocks | None = None,
    ) -> Ticket:
        """Open a ticket, or return the unresolved one of the same order and reason.

        Without an order the conversation takes its place. Safe under concurrent calls: one ticket,
        `created_now` True for exactly one caller.
        """
        what = f"order:{order_number}" if order_number else f"conversation:{conversation_id}"
        dedupe_key = f"{what}:{reason.value}"
        now = self._clock.now()
        due = clocks or Clocks()
        new = Ticket(
            number="",
            reason=reason,
            state=TicketState.OPEN,
            conversation_id=conversation_id,
            created_at=now,
            updated_at=now,
            order_number=order_number,
            mobile=mobile,
            note=note,
            priority=priority,
            queue=queue,
            due_first_answer_at=due.first_answer_at,
            due_solution_at=due.solution_at,
        )
        try:
            return self._open_once(dedupe_key, new)
        except IntegrityError:
            # A resolved one was opened again in between.
            return self._open_once(dedupe_key, new)

    def _open_once(self, dedupe_key: str, new: Ticket) -> Ticket:
        with writing(self._engine) as connection:
            # The unique index would refuse a second ticket anyway; the lock makes the second caller wait and find it.
            lock(connection, f"ticket:{dedupe_key}")
            known = _unresolved(connection, dedupe_key)
            if known is not None:
                return read(known)
            row = {"dedupe_key": dedupe_key, **values(new)}
            made = connection.execute(insert(tickets).values(row).returning(tickets.c.id)).scalar_one()
            event = NewEvent(EventKind.OPENED, CUSTOMER, detail={"queue": new.queue.value})
            add_events(connection, made, [event], new.created_at)
            return read(connection.execute(query().where(tickets.c.id == made)).one(), created_now=True)

    def tickets_of(self, *, conversation_id: str, mobile: str | None, limit: int = 3) -> list[Ticket]:
        """Return the newest tickets of a conversation or a (proven) mobile, newest first."""
        whose: list[ColumnElement[bool]] = [tickets.c.conversation_id == conversation_id]
        if mobile:
            whose.append(tickets.c.mobile == mobile)
        newest = query().where(or_(*whose)).order_by(tickets.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [read(row) for row in connection.execute(newest)]


def _unresolved(connection: Connection, dedupe_key: str) -> Row[Any] | None:
    """Return the ticket that is worked on for a key: its own, or the one its own was merged into."""
    open_states = [state.value for state in UNRESOLVED]
    same = tickets.c.dedupe_key == dedupe_key
    own = connection.execute(query().where(same, tickets.c.state.in_(open_states))).one_or_none()
    if own is not None:
        return own
    into = select(tickets.c.merged_into).where(same, tickets.c.merged_into.is_not(None))
    merged = query().where(tickets.c.id.in_(into), tickets.c.state.in_(open_states))
    return connection.execute(merged.order_by(tickets.c.id.desc()).limit(1)).one_or_none()
