"""Operators, their sessions, their canned answers and what they find; the store implements it.

Every method may raise Unavailable("store"). All are short, and called off the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from peyk.domain.conversations import Ownership
from peyk.domain.staff import CannedAnswer, Operator, Session


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a log-in is checked against.

    `totp_salt` is what the second factor is derived from together with Peyk's secret key; None: it is off.
    `totp_step` is the last time step whose code was used.
    """

    operator: Operator
    password_hash: str
    totp_salt: str | None = None
    totp_step: int = 0


class Staff(Protocol):
    """The people who answer customers."""

    def anybody(self) -> bool:
        """Tell whether an active operator exists."""
        ...

    def operator(self, operator_id: str) -> Operator | None:
        """Return one by id, also a disabled one."""
        ...

    def by_login(self, login: str) -> Operator | None:
        """Return one by (normalised) login, also a disabled one."""
        ...

    def name(self, operator_id: str) -> str:
        """Return what customers may call an operator; empty when there is no such."""
        ...

    def everybody(self) -> list[Operator]:
        """Return all, also disabled ones, by name."""
        ...

    def credentials(self, login: str) -> Credentials | None:
        """Return what an active operator's log-in is checked against."""
        ...

    def add(self, operator: Operator, password_hash: str, now: datetime) -> bool:
        """Keep a new one; False when the login is taken."""
        ...

    def change(self, operator_id: str, **changes: Any) -> bool:
        """Change fields of `Operator` (not id and login); False when there is no such.

        Raises ValueError, and changes nothing, when no active admin would be left.
        """
        ...

    def set_password(self, operator_id: str, password_hash: str, *, must_change: bool) -> None:
        """Replace the password."""
        ...

    def set_totp(self, operator_id: str, salt: str | None) -> None:
        """Turn the second factor on (with what it is derived from) or off."""
        ...

    def use_totp(self, operator_id: str, step: int) -> bool:
        """Spend the code of a time step; False when it, or a later one, was used before. Atomic."""
        ...


class Sessions(Protocol):
    """Log-ins in force, by the hash of what the browser has."""

    def open(self, session: Session) -> None:
        """Keep a new one."""
        ...

    def find(self, key: str) -> tuple[Session, Operator] | None:
        """Return a session with its active operator; ends are the caller's to judge."""
        ...

    def seen(self, key: str, now: datetime) -> None:
        """Note that the person is still there."""
        ...

    def close(self, key: str) -> None:
        """End one."""
        ...

    def close_all(self, operator_id: str, *, but: str = "") -> None:
        """End every session of an operator, but for one."""
        ...


class Openings(Protocol):
    """Whose personal data an operator has opened, for a while."""

    def open(self, operator_id: str, conversation_id: str, until: datetime) -> None:
        """Keep that they are open until then."""
        ...

    def is_open(self, operator_id: str, conversation_id: str, now: datetime) -> bool:
        """Tell whether they are."""
        ...


class CannedAnswers(Protocol):
    """The shop's ready answers."""

    def all(self) -> list[CannedAnswer]:
        """Return them by title."""
        ...

    def save(self, answer: CannedAnswer) -> None:
        """Keep a new one, or replace the one of the same id."""
        ...

    def remove(self, answer_id: str) -> None:
        """Forget one."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation a search has found: `excerpt` is the newest entry with the words, or what the ticket is about."""

    conversation_id: str
    ownership: Ownership
    channel: str
    at: datetime
    excerpt: str
    ticket_number: str | None = None
    order_number: str | None = None


class Search(Protocol):
    """Finds conversations."""

    def find(self, words: str, *, mobile: str | None, limit: int) -> list[Found]:
        """Return conversations with an order or ticket number, a (normalised) mobile, or the words; newest first."""
        ...
