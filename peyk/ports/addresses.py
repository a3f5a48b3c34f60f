"""Where a channel that pushes finds its customers, and what it must not say twice; the store implements it.

Every method may raise Unavailable("store"). All are short, and called off the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Address:
    """Where a conversation's customer is: `address` is the channel's own name for it (a chat's id).

    `gone_at`: nothing reaches the customer since then. `asked_for`: the order the customer was asked to prove the
    mobile for ("": for none), None when nothing was asked in the last day. `told`: what is told once has been told.
    """

    conversation_id: str
    address: str = field(repr=False)
    gone_at: datetime | None = None
    asked_for: str | None = None
    told: bool = False


class Addresses(Protocol):
    """The customers of channels that push. Safe under concurrent calls of any number of processes."""

    def arrived(self, channel: str, conversation_id: str, address: str, now: datetime) -> Address:
        """Note that something came from there: the customer can be reached (again). Return what is known."""
        ...

    def find(self, conversation_id: str) -> Address | None:
        """Return where the customer is, None when that is not known."""
        ...

    def gone(self, conversation_id: str, now: datetime) -> bool:
        """Note that nothing reaches the customer; True for exactly one caller until the customer writes again."""
        ...

    def ask(self, conversation_id: str, order: str | None) -> None:
        """Remember for which order ("": none) the mobile is asked for; None: it is not asked for any more."""
        ...

    def tell(self, conversation_id: str, now: datetime) -> None:
        """Remember that the customer has been told what is told once."""
        ...

    def claim(self, conversation_id: str, process: str, *, now: datetime, until: datetime) -> bool:
        """Have the right to bring messages there until `until`; False while another process has it."""
        ...

    def release(self, conversation_id: str, process: str) -> None:
        """Give the right back."""
        ...
