"""What the edge asks beside journal and inbox, and what the demo page shows; store, services and demo implement it.

Every method may raise Unavailable("store"). All are short, and called off the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from peyk.domain.conversations import Caller


class Upkeep(Protocol):
    """What the store needs now and then."""

    def prune(self, now: datetime) -> int:
        """Drop everything in the store whose time is over; return how many rows."""
        ...

    def ping(self) -> None:
        """Ask the database for a sign of life."""
        ...


class Contacts(Protocol):
    """Takes what a messenger says of its customers' numbers."""

    def accept_contact(self, caller: Caller, mobile: str, received_at: datetime) -> bool:
        """Take `mobile` as proven by the messenger at `received_at`; False when that is too long ago."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A text message of the demo that did not leave the machine."""

    to: str
    text: str
    code: str
    at: datetime


class DemoOutbox(Protocol):
    """The text messages of the demo."""

    def messages(self, to: str, limit: int = 20) -> list[OutboxMessage]:
        """Return the newest messages to a normalised mobile, newest first."""
        ...


class DemoFaults(Protocol):
    """Systems the demo makes fail on purpose: system id (`shop`, `post`, …) → kind of fault."""

    def current(self) -> dict[str, str]:
        """Return the faults that are switched on."""
        ...

    def switch_on(self, system: str, kind: str) -> None:
        """Make `system` fail in the way `kind` says. Raises ValueError for a system or kind that does not exist."""
        ...

    def switch_off(self, system: str | None = None) -> None:
        """Mend `system`, or all. Raises ValueError for a system that does not exist."""
        ...


class DemoProgress(Protocol):
    """Moves the demo's orders on, so that a card can be seen moving."""

    def advance(self, number: str) -> str | None:
        """Bring an order to its next stage and return what it is now; None when it is at its end.

        Raises NotFound for an unknown number.
        """
        ...
