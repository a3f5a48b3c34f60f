"""What is known of our tickets' mirrors at an outside help desk; the store implements it.

Every method may raise Unavailable("store").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from peyk.domain.outside import OutsideNote
from peyk.domain.tickets import Ticket, TicketState


@dataclass(frozen=True, slots=True)
class Link:
    """One ticket's mirror. Without `external_id` it is not there yet, as far as we know.

    `our_state` and `their_state` are what both sides had when they last agreed. `attempts` counts failures in a row;
    `error` is the last one's. `asked` says that it may have been made outside by an attempt that failed.
    """

    ticket_number: str
    system: str
    key: str
    external_id: str | None = None
    our_state: TicketState | None = None
    their_state: str | None = None
    attempts: int = 0
    asked: bool = False
    error: str = ""
    synced_at: datetime | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A mirror that has something to be done, ours alone for a while; `notes` have not been added yet."""

    link: Link
    notes: tuple[OutsideNote, ...] = field(default=())


class Links(Protocol):
    """The mirrors. Safe under concurrent calls of any number of processes: a mirror is claimed by one at a time."""

    def claim(self, system: str, now: datetime, *, lease: timedelta, limit: int) -> list[Claim]:
        """Take mirrors that are due, for `lease`; unresolved tickets that have none get one."""
        ...

    def asking(self, link: Link) -> None:
        """Note that the ticket is about to be made outside."""
        ...

    def linked(self, link: Link, external_id: str) -> None:
        """Note the ticket's id outside."""
        ...

    def note_added(self, link: Link, key: str, now: datetime) -> None:
        """Note that a note is outside; what it said is forgotten."""
        ...

    def agreed(
        self, link: Link, our_state: TicketState, their_state: str, now: datetime, next_at: datetime | None
    ) -> None:
        """Note that both sides agree; look again at `next_at`, or only when something changes."""
        ...

    def failed(self, link: Link, error: str, next_at: datetime) -> None:
        """Note a failure; try again at `next_at`."""
        ...

    def nudge(self, system: str, external_id: str, now: datetime) -> bool:
        """Have a mirror looked at now; False when the ticket outside is no mirror of ours."""
        ...

    def put_note(self, ticket_number: str, note: OutsideNote, now: datetime) -> bool:
        """Keep a note for the ticket's mirror; False when its key was there before, or there is no such ticket."""
        ...

    def all(self, system: str, *, limit: int) -> list[Link]:
        """Return the mirrors, those in trouble first, then the newest."""
        ...

    def of(self, ticket_number: str) -> list[Link]:
        """Return a ticket's mirrors."""
        ...


class TicketStates(Protocol):
    """Our tickets, as far as a mirror reads them and does what was done outside."""

    def by_number(self, number: str) -> Ticket | None:
        """Return a ticket; None when there is no such number."""
        ...

    def set_state(self, number: str, state: TicketState) -> Ticket | None:
        """Move a ticket on; None when there is no such number. A resolved one may stay resolved."""
        ...

    def answer(self, number: str, text: str, *, key: str) -> None:
        """Say to the customer what a person outside has answered, once a key, however the ticket stands here."""
        ...
