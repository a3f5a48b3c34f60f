"""What the console asks of the rest of Peyk: hand-offs, tickets, office hours, the customer, files.

All calls are short, and made off the event loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from peyk.domain.conversations import Entry
from peyk.domain.files import BY_CUSTOMER, StoredFile
from peyk.domain.handoff import Handoff, Note, Waiting
from peyk.domain.office_hours import OfficeHours
from peyk.domain.office_plan import OfficePlan
from peyk.domain.queues import Queue
from peyk.domain.tickets import StateReason, Ticket, TicketEvent
from peyk.ports.journal import About
from peyk.ports.tickets import Wanted
from peyk.services.customers import Customer
from peyk.services.ticket_desk import Listed


class HandOffDesk(Protocol):
    """Conversations that people have or should take."""

    def waiting(self) -> list[Waiting]:
        """Return every open hand-off in the order of work, also those an agent has."""
        ...

    def packet(self, conversation_id: str) -> Handoff | None:
        """Return the conversation's newest hand-off."""
        ...

    def take(self, conversation_id: str, agent: str) -> bool:
        """Take a waiting conversation; of several at once one succeeds."""
        ...

    def reply(
        self,
        conversation_id: str,
        agent: str,
        text: str,
        *,
        message_id: str,
        files: Sequence[Mapping[str, Any]] = (),
    ) -> int | None:
        """Say something to the customer, once a `message_id`; None when the conversation is not this agent's.

        Files are as an entry of the journal names them.
        """
        ...

    def note(self, conversation_id: str, agent: str, text: str) -> None:
        """Keep a note for colleagues."""
        ...

    def notes(self, conversation_id: str) -> list[Note]:
        """Return the notes, oldest first."""
        ...

    def transfer(
        self,
        conversation_id: str,
        agent: str,
        *,
        to_agent: str | None = None,
        to_queue: Queue | None = None,
        note: str = "",
        by: str = "",
    ) -> bool:
        """Give a conversation to a colleague or into a queue."""
        ...

    def release(self, conversation_id: str, agent: str, *, by: str = "") -> bool:
        """Put a conversation back into its queue."""
        ...

    def resolve(self, conversation_id: str, agent: str, summary: str) -> bool:
        """Say the summary, ask how it was, and give the conversation back to the bot."""
        ...


class TicketDesk(Protocol):
    """Tickets as people work on them. What a ticket does not allow raises TicketRefused."""

    def worklist(self, wanted: Wanted | None = None) -> Sequence[Listed]:
        """Return what is looked for, in the order of work; None: everything that is not resolved."""
        ...

    def get(self, number: str) -> Listed:
        """Return one."""
        ...

    def history(self, number: str) -> Sequence[TicketEvent]:
        """Return what happened to one, oldest first."""
        ...

    def take(self, number: str, agent: str) -> Ticket:
        """Take one nobody has."""
        ...

    def assign(self, number: str, agent: str | None, by: str) -> Ticket:
        """Give one to an operator, or with None back to its queue."""
        ...

    def note(self, number: str, by: str, text: str) -> Ticket:
        """Keep a note in the history."""
        ...

    def answer(self, number: str, agent: str, text: str, *, message_id: str | None = None) -> Ticket:
        """Say something to the customer, once a `message_id`."""
        ...

    def wait(self, number: str, agent: str, text: str = "", *, message_id: str | None = None) -> Ticket:
        """Ask the customer something and wait for the answer, once a `message_id`."""
        ...

    def move(self, number: str, queue: Queue, by: str, *, force: bool = False) -> Ticket:
        """Put one into another queue; what a colleague has by `force` alone."""
        ...

    def escalate(self, number: str, by: str, text: str = "") -> Ticket:
        """Raise one by hand."""
        ...

    def resolve(
        self, number: str, agent: str, reason: StateReason, summary: str = "", *, force: bool = False
    ) -> Ticket:
        """Bring one to its end; the summary is for the customer. What a colleague has by `force` alone."""
        ...

    def reopen(self, number: str, by: str) -> Ticket:
        """Open a resolved one again."""
        ...

    def merge(self, number: str, into: str, by: str, *, force: bool = False) -> Ticket:
        """Let one go into another; one of another customer by `force` alone."""
        ...


class HoursBook(Protocol):
    """The shop's office hours."""

    def current(self) -> OfficeHours:
        """Return the hours in force, with the holidays that count."""
        ...

    def plan(self) -> OfficePlan:
        """Return them as the shop has written them down."""
        ...

    def change(self, plan: OfficePlan, by: str) -> bool:
        """Put a plan in force; False when another was faster. Raises ValueError for one that cannot be."""
        ...


class Customers(Protocol):
    """The people behind conversations."""

    def of(self, conversation_id: str) -> Customer:
        """Return the customer of a conversation."""
        ...


class Words(Protocol):
    """The part of the journal the console reads."""

    def about(self, conversation_id: str) -> About | None:
        """Return what is known of a conversation."""
        ...

    def entries(
        self, conversation_id: str, *, after_seq: int, now: datetime, limit: int, for_people: bool = False
    ) -> Sequence[Entry]:
        """Return what was said after a number."""
        ...


class Signs(Protocol):
    """What is true for a moment: who writes, and what has been read. To be told on the event loop."""

    def customer_writes(self, here: str) -> bool:
        """Tell whether the customer of a conversation was writing just now."""
        ...

    def agent_writes(self, here: str) -> None:
        """Let the customer know that a person is writing."""
        ...

    def agent_read(self, here: str, seq: int) -> None:
        """Let the customer know that a person has read everything up to `seq`."""
        ...


class Attachments(Protocol):
    """Files of conversations."""

    def receive(self, conversation_id: str, name: str, raw: bytes, by: str = BY_CUSTOMER) -> StoredFile:
        """Keep a file an agent sends. Raises FileRefused."""
        ...

    def link(self, file_id: str, ttl: timedelta | None = None) -> str:
        """Return a path that opens a file for a while."""
        ...

    def link_in(self, conversation_id: str, file_id: str) -> str:
        """Return such a path for a file of a conversation. Raises NotFound for another's, or when it is gone."""
        ...

    def of_ticket(self, ticket_number: str) -> Sequence[StoredFile]:
        """Return the files of a ticket and of those merged into it, oldest first."""
        ...
