"""Tickets: what a person in the shop has to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"


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
    DOCUMENT = "document"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket; `number` is what the customer is told (`PK-1001`)."""

    number: str
    reason: TicketReason
    state: TicketState
    conversation_id: str
    created_at: datetime
    updated_at: datetime
    order_number: str | None = None
    mobile: str | None = None
    note: str = ""
    priority: int = 0
    created_now: bool = False
