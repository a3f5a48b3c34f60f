"""One-time codes on their way to a customer's phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SendState(StrEnum):
    """How far a code has come: being handed over, with the vendor, on the phone, or never to arrive.

    TAKEN: with a vendor that says no more of it. UNSURE: the vendor did not answer, so nobody knows whether it has the
    code, nor whether it is paid for.
    """

    SENDING = "sending"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    FAILED = "failed"
    TAKEN = "taken"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class CodeSend:
    """One code that was sent, without the code and without the mobile; `cost_rial` as the vendor or the shop says."""

    key: str
    system: str
    message_id: str
    state: SendState
    sent_at: datetime
    cost_rial: int
