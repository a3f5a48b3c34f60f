"""What handing over to a person needs: the hand-offs kept, who of the shop is there, and when.

Every method of `Handoffs` and `Desk` may raise Unavailable("store").
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from peyk.domain.handoff import Case, Handoff, HandoffRequest, Note
from peyk.domain.queues import Queue


class Desk(Protocol):
    """The people who could answer."""

    def anybody(self) -> bool:
        """Tell whether somebody could answer at all, now or in office hours."""
        ...

    def name(self, agent_id: str) -> str:
        """Return what customers call an agent; empty when there is no name for them."""
        ...


class Hours(Protocol):
    """When people are there."""

    def is_open(self, at: datetime) -> bool:
        """Tell whether somebody is there at a moment."""
        ...

    def next_opening(self, at: datetime) -> datetime:
        """Return when somebody is there: the moment itself when it is open."""
        ...


class Ticks(Protocol):
    """Lets one of several processes do what is due."""

    def claim(self, name: str, now: datetime, until: datetime) -> bool:
        """Take `name` until a moment; False while somebody else has it. Of several at once one gets it."""
        ...


class Handoffs(Protocol):
    """Hand-offs, at most one open a conversation, and the notes on them. Who has a conversation says the journal."""

    def prepare(self, request: HandoffRequest, now: datetime) -> Handoff | None:
        """Keep a hand-off, or return the open one of the same conversation; None for a conversation nobody knows.

        While the bot still has the conversation the open one becomes what is asked for now; what was left open after
        the bot got it back is closed first.
        """
        ...

    def current(self, conversation_id: str) -> Handoff | None:
        """Return the open hand-off of a conversation, else its last, else None."""
        ...

    def ahead_of(self, handoff: Handoff) -> list[Handoff]:
        """Return what waits in the same queue and comes before `handoff`."""
        ...

    def recent_waits(self, queue: Queue, since: datetime, limit: int) -> list[tuple[datetime, datetime]]:
        """Return (asked for, taken) of the newest that were taken in a queue."""
        ...

    def cases(self) -> list[Case]:
        """Return every open hand-off with its conversation."""
        ...

    def taken(self, conversation_id: str, agent: str, now: datetime) -> None:
        """Remember that an agent has the conversation; the first time counts for waiting times."""
        ...

    def answered(self, conversation_id: str, now: datetime) -> None:
        """Remember the first word of a person."""
        ...

    def move(self, conversation_id: str, queue: Queue) -> None:
        """Put the open hand-off into another queue."""
        ...

    def summarise(self, conversation_id: str, summary: str) -> None:
        """Keep what the customer is told at the end."""
        ...

    def close(self, conversation_id: str, now: datetime) -> bool:
        """Close the open hand-off once the bot has the conversation; False when there is none, or people have it."""
        ...

    def reconcile(self, now: datetime, *, unused_before: datetime) -> int:
        """Make hand-offs agree with who has the conversations; return how many did not.

        Closes those the bot has back, and those prepared before `unused_before` that never came to be; makes one for
        each conversation people have without any.
        """
        ...

    def rate(self, conversation_id: str, handoff_id: int, stars: int) -> bool:
        """Keep what the customer thinks of it; a later word counts. False when it is not this conversation's."""
        ...

    def unsettled(self, conversation_id: str) -> bool:
        """Tell whether Rasa has not yet been told that the conversation was in other hands."""
        ...

    def settled(self, conversation_id: str, now: datetime) -> None:
        """Remember that Rasa has been told."""
        ...

    def add_note(self, conversation_id: str, agent: str, text: str, now: datetime) -> None:
        """Keep a note."""
        ...

    def notes(self, conversation_id: str) -> list[Note]:
        """Return the notes on a conversation, oldest first."""
        ...
