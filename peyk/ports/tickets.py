"""The tickets as the people of the shop work on them, and their office hours; the store implements both.

Every method may raise Unavailable("store").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from peyk.domain.office_plan import OfficePlan
from peyk.domain.queues import Queue
from peyk.domain.ticket_steps import Decide
from peyk.domain.tickets import UNRESOLVED, Attachment, NewEvent, Ticket, TicketEvent, TicketState


@dataclass(frozen=True, slots=True)
class Sight:
    """What an operator without more rights sees: their own tickets, and nobody's in their queues (none: in all)."""

    agent: str
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets are looked for; None: any. `words` are found in number, order, mobile, note and summary.

    `nobodys` are those no operator has, `escalated` those that were raised because a clock was over.
    """

    states: frozenset[TicketState] = UNRESOLVED
    queue: Queue | None = None
    assignee: str | None = None
    nobodys: bool = False
    escalated: bool = False
    conversation_id: str | None = None
    words: str = ""
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A ticket as it stands now, and whether this very step was `taken`."""

    ticket: Ticket
    taken: bool


class Tickets(Protocol):
    """The tickets, their history and their files. Safe under concurrent calls of any number of processes."""

    def by_number(self, number: str) -> Ticket | None:
        """Return a ticket; None when there is no such number."""
        ...

    def find(self, wanted: Wanted, *, limit: int) -> list[Ticket]:
        """Return what is looked for: the unresolved in the order of work, then the others, newest first."""
        ...

    def change(self, number: str, decide: Decide, now: datetime) -> Changed | None:
        """Take a step on a ticket while nobody else can; return it as it stands then, None for an unknown number.

        `decide` sees the ticket as it is, and may refuse by raising. Nothing of the step is taken when one of its
        events has a key that is there already, or when it would open a second ticket of the same order and reason.
        """
        ...

    def merge(self, number: str, into: str, by: str, now: datetime, *, force: bool = False) -> Ticket | None:
        """Merge one ticket into another; return the latter, None when one is unknown. Raises TicketRefused.

        `force` merges tickets of different customers, too.
        """
        ...

    def record(self, number: str, event: NewEvent, now: datetime) -> bool:
        """Add to a ticket's history; False when it is unknown, or the event's key is there already."""
        ...

    def history(self, number: str) -> list[TicketEvent]:
        """Return what happened to a ticket and to those that were merged into it, oldest first."""
        ...

    def attach(self, number: str, file_id: str, by: str, now: datetime) -> bool:
        """Keep a file with a ticket, once; False when it is there already, or there is no such ticket."""
        ...

    def attachments(self, number: str) -> list[Attachment]:
        """Return the files of a ticket and of those that were merged into it, oldest first."""
        ...

    def untold(self, *, before: datetime, limit: int) -> list[TicketEvent]:
        """Return what was to be said to customers before a moment and has not been, oldest first."""
        ...

    def told(self, event_id: int) -> None:
        """Remember that an event has been said, or cannot be."""
        ...

    def twin(self, number: str) -> Ticket | None:
        """Return the unresolved ticket of the same order and reason as a resolved one, None when there is none."""
        ...

    def customer_wrote(self, *, limit: int) -> list[str]:
        """Return the numbers of tickets that wait for a customer who has written since they were asked."""
        ...

    def overdue(self, now: datetime, *, limit: int) -> list[str]:
        """Return the numbers of tickets with a clock that is over and that have not escalated for it."""
        ...

    def follow_ups(self, now: datetime, *, limit: int) -> list[Ticket]:
        """Return the tickets whose customers are to be asked whether it helped."""
        ...


class OfficePlans(Protocol):
    """The office hours a shop has entered."""

    def current(self) -> OfficePlan | None:
        """Return the plan in force; None while nobody has entered one."""
        ...

    def replace(self, plan: OfficePlan, by: str, now: datetime) -> bool:
        """Keep a plan as the next version of the one it was made from; False when another was faster."""
        ...
