"""Tickets: what a person in the shop has to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from peyk.domain.queues import Priority, Queue


class TicketState(StrEnum):
    """Where a ticket stands; a merged one has gone into another."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    RESOLVED = "resolved"
    MERGED = "merged"


UNRESOLVED = frozenset({TicketState.OPEN, TicketState.IN_PROGRESS, TicketState.WAITING_CUSTOMER})


class StateReason(StrEnum):
    """Why a ticket stands where it stands: how it was resolved, or why it is open again."""

    SOLVED = "solved"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NO_REPLY = "no_reply"
    NOT_HELPED = "not_helped"
    REOPENED = "reopened"
    RELEASED = "released"


RESOLUTIONS = (
    StateReason.SOLVED,
    StateReason.ANSWERED,
    StateReason.REFUSED,
    StateReason.WITHDRAWN,
    StateReason.NO_REPLY,
)


class TicketReason(StrEnum):
    """Why a ticket was opened; once per order and reason while it is not resolved."""

    TALK_TO_HUMAN = "talk_to_human"
    GENERAL = "general"
    LATE = "late"
    STALLED = "stalled"
    NOT_RECEIVED = "not_received"
    LOST = "lost"
    RETURNED = "returned"
    FIX_ADDRESS = "fix_address"
    PAYMENT = "payment"
    RETURN_REQUEST = "return_request"
    REFUND = "refund"
    CANCEL = "cancel"
    CHANGE_ORDER = "change_order"
    DAMAGED = "damaged"
    CUSTOMS = "customs"
    HELD = "held"
    DOCUMENT = "document"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Clocks:
    """When the first answer and the solution are due (UTC); None: nobody is waiting for it."""

    first_answer_at: datetime | None = None
    solution_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket; `number` is what the customer is told (`PK-1001`).

    `merged_into` is the number of the ticket it went into, and `merged_state` where that one stands. `follow_up_at` is
    when the customer is to be asked whether it helped; `followed_up_at` when that was asked, `helped` what was said.
    `escalated_for` is the last clock that made it escalate.
    """

    number: str
    reason: TicketReason
    state: TicketState
    conversation_id: str
    created_at: datetime
    updated_at: datetime
    order_number: str | None = None
    mobile: str | None = None
    note: str = ""
    priority: Priority = Priority.NORMAL
    created_now: bool = False
    queue: Queue = Queue.L1
    state_reason: StateReason | None = None
    assignee: str | None = None
    summary: str | None = None
    merged_into: str | None = None
    merged_state: TicketState | None = None
    due_first_answer_at: datetime | None = None
    due_solution_at: datetime | None = None
    first_answered_at: datetime | None = None
    waiting_since: datetime | None = None
    resolved_at: datetime | None = None
    reopened_at: datetime | None = None
    escalated_at: datetime | None = None
    escalated_for: str | None = None
    follow_up_at: datetime | None = None
    followed_up_at: datetime | None = None
    helped: bool | None = None

    @property
    def unresolved(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in UNRESOLVED

    @property
    def reopened(self) -> bool:
        """Whether it waits again after it was resolved."""
        return self.state is TicketState.OPEN and self.reopened_at is not None

    @property
    def started_at(self) -> datetime:
        """When its clocks began."""
        return self.reopened_at or self.created_at


class EventKind(StrEnum):
    """What happens to a ticket."""

    OPENED = "opened"
    STATE = "state"
    ASSIGNED = "assigned"
    MOVED = "moved"
    NOTE = "note"
    MESSAGE = "message"
    MERGED = "merged"
    ESCALATED = "escalated"
    ATTACHED = "attached"
    FOLLOW_UP = "follow_up"
    HELPED = "helped"
    UNTOLD = "untold"


CUSTOMER, SYSTEM = "customer", "system"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happens to a ticket; `by` is an operator's id, `customer` or `system`.

    `key` makes it happen once a ticket. With `tell` its `text` is for the customer, and waits until it has been said.
    """

    kind: EventKind
    by: str
    text: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    tell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent(NewEvent):
    """Something that has happened to ticket `number`; `tell` is True while it has not been said yet."""

    id: int
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a ticket, by its id."""

    number: str
    file_id: str
    by: str
    at: datetime
