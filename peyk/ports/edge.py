"""What the edge keeps of conversations and keys, and what the demo page shows; store and demo adapters implement it.

Every method may raise Unavailable("store"). All are short, and called off the event loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredReply:
    """An answer as it was given: HTTP status, JSON body, and seconds for `Retry-After` (0: none)."""

    status: int
    body: str
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of a conversation when a message arrives.

    `reply` is the stored answer of the message's id, `payload` what the button token stands for.
    """

    language: str | None = None
    reply: StoredReply | None = None
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message leaves behind: its answer, the clear language if it changed, the buttons (token → payload)."""

    message_id: str | None = None
    reply: StoredReply | None = None
    language: str | None = None
    buttons: Mapping[str, str] = field(default_factory=dict)


class ConversationLog(Protocol):
    """Languages, button tokens and answers of conversations."""

    def open(self, conversation_id: str, *, message_id: str | None, token: str | None, now: datetime) -> Opened:
        """Return what is known; tokens of other conversations, unknown and expired ones give no payload."""
        ...

    def close(self, conversation_id: str, outcome: Outcome, now: datetime) -> None:
        """Keep `outcome` in one transaction; an answer no longer than what the conversation has proven."""
        ...

    def prune(self, now: datetime) -> int:
        """Drop everything in the store whose time is over; return how many rows."""
        ...

    def ping(self) -> None:
        """Ask the database for a sign of life."""
        ...


class ApiKeys(Protocol):
    """Keys of the programs that may speak to the REST channel, kept as hashes."""

    def owner(self, key: str) -> str | None:
        """Return the id of a key in force, or None for an unknown or revoked one."""
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
