"""Tickets and their history as rows, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import EventKind, NewEvent, StateReason, Ticket, TicketEvent, TicketState
from peyk.domain.tickets import TicketReason as Reason
from peyk.store.tables import ticket_events, tickets

PREFIX = "PK-"
FIRST_NUMBER = 1001
NUMBER_DIGITS = 9

_INTO = tickets.alias("into_ticket")
SAME = (
    "conversation_id",
    "created_at",
    "updated_at",
    "order_number",
    "mobile",
    "note",
    "assignee",
    "summary",
    "due_first_answer_at",
    "due_solution_at",
    "first_answered_at",
    "waiting_since",
    "resolved_at",
    "reopened_at",
    "escalated_at",
    "escalated_for",
    "follow_up_at",
    "followed_up_at",
    "helped",
)


def row_of(number: str) -> int:
    """Return the row a number stands for; 0, which is no row, for what is no number of ours."""
    digits = number.upper().removeprefix(PREFIX)
    # More digits than the databases' integers take would be an error of theirs.
    known = digits.isascii() and digits.isdecimal() and len(digits) <= NUMBER_DIGITS
    return max(int(digits) - FIRST_NUMBER + 1, 0) if known else 0


def number_of(row: int) -> str:
    """Return the number customers are told."""
    return f"{PREFIX}{FIRST_NUMBER - 1 + row}"


def query() -> Select[Any]:
    """Return what selects tickets, each with the state of the one it was merged into."""
    joined = tickets.outerjoin(_INTO, tickets.c.merged_into == _INTO.c.id)
    return select(*tickets.c, _INTO.c.state.label("merged_state")).select_from(joined)


def read(row: Row[Any], *, created_now: bool = False) -> Ticket:
    """Return the ticket of a row of `query`."""
    return Ticket(
        number=number_of(row.id),
        reason=Reason(row.reason),
        state=TicketState(row.state),
        priority=Priority(row.priority),
        queue=Queue(row.queue),
        state_reason=StateReason(row.state_reason) if row.state_reason else None,
        merged_into=number_of(row.merged_into) if row.merged_into else None,
        merged_state=TicketState(row.merged_state) if row.merged_state else None,
        created_now=created_now,
        **{name: getattr(row, name) for name in SAME},
    )


def values(ticket: Ticket) -> dict[str, Any]:
    """Return what a ticket's row holds of it beside its id and its key."""
    return {
        **{name: getattr(ticket, name) for name in SAME},
        "note": storable(ticket.note),
        "summary": storable(ticket.summary) if ticket.summary else None,
        "reason": ticket.reason.value,
        "state": ticket.state.value,
        "priority": int(ticket.priority),
        "queue": ticket.queue.value,
        "state_reason": ticket.state_reason.value if ticket.state_reason else None,
        "merged_into": row_of(ticket.merged_into) if ticket.merged_into else None,
    }


def add_events(connection: Connection, row: int, events: Iterable[NewEvent], at: datetime) -> None:
    """Append to a ticket's history."""
    rows = [
        {
            "ticket_id": row,
            "at": at,
            "kind": event.kind.value,
            "by": event.by,
            "text": storable(event.text),
            "detail": json.dumps(dict(event.detail), ensure_ascii=False),
            "key": event.key,
            "tell": event.tell,
        }
        for event in events
    ]
    if rows:
        connection.execute(insert(ticket_events), rows)


def read_event(row: Row[Any]) -> TicketEvent:
    """Return the event of a row of `ticket_events`."""
    return TicketEvent(
        id=row.id,
        number=number_of(row.ticket_id),
        at=row.at,
        kind=EventKind(row.kind),
        by=row.by,
        text=row.text,
        detail=json.loads(row.detail),
        key=row.key,
        tell=row.tell,
    )


def storable(text: str) -> str:
    """Return a text as both databases take it."""
    # PostgreSQL takes no null character in a text.
    return text.replace("\x00", "")
