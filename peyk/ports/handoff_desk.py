"""An outside desk whose people take over chats from the bot, and what is known of these chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from peyk.domain.outside import HandOffBrief, Line, ThreadNews


class HandOffDesk(Protocol):
    """Where people answer customers in the place of our console.

    Every method may raise Unavailable, RateLimited, BadAnswer; those with an `external_id` also NotFound. Each thing
    that is written carries our key and is looked for first: what was broken off can be done again.
    """

    system: str

    def open(self, key: str, brief: HandOffBrief, lines: Sequence[Line]) -> str:
        """Give a chat to people: found by its key or begun, with all they need to know; return its id there."""
        ...

    def forward(self, external_id: str, lines: Sequence[Line]) -> None:
        """Tell people what was said since, in order."""
        ...

    def read(self, external_id: str, after: int) -> ThreadNews:
        """Return how the chat stands there, and what people wrote to the customer after message `after`."""
        ...

    def tell(self, external_id: str, key: str, text: str) -> None:
        """Tell people something the customer does not see."""
        ...

    def close(self, external_id: str) -> None:
        """Mark the chat as done: the bot has it again."""
        ...


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation people outside have: without `external_id` they do not know of it yet.

    `next_seq` is the first of the journal's entries that is not there, `last_id` the newest of theirs that is here.
    """

    id: int
    conversation_id: str
    system: str
    key: str
    external_id: str | None
    next_seq: int
    last_id: int
    attempts: int = 0
    error: str = ""
    opened_at: datetime | None = None
    closed: bool = False


class Threads(Protocol):
    """The chats at an outside desk. Every method may raise Unavailable("store").

    Safe under concurrent calls of any number of processes: a chat is claimed by one at a time.
    """

    def claim(self, system: str, now: datetime, *, lease: timedelta, limit: int) -> list[Thread]:
        """Take chats that have something to be done, for `lease`; conversations of people that have none get one."""
        ...

    def opened(self, thread: Thread, external_id: str, next_seq: int) -> None:
        """Note the chat's id outside, and what they know by now."""
        ...

    def forwarded(self, thread: Thread, next_seq: int) -> None:
        """Note what they know by now."""
        ...

    def heard(self, thread: Thread, last_id: int) -> None:
        """Note what we know of theirs by now."""
        ...

    def let_go(self, thread: Thread, look_at: datetime) -> None:
        """Be done for now; look again at `look_at`, or as soon as something is said here."""
        ...

    def failed(self, thread: Thread, error: str, next_at: datetime) -> None:
        """Note a failure; try again at `next_at`."""
        ...

    def close(self, thread: Thread, now: datetime) -> None:
        """Note that people do not have it any more."""
        ...

    def reopen(self, thread: Thread) -> bool:
        """Let a closed chat go on; False when its conversation has another one by now."""
        ...

    def nudge(self, system: str, external_id: str, now: datetime, *, closed_too: bool = False) -> bool:
        """Have a chat looked at now; False when it is none of ours, or closed."""
        ...

    def all(self, system: str, *, limit: int) -> list[Thread]:
        """Return the open chats, those in trouble first."""
        ...
