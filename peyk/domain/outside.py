"""What stands at a help desk outside: tickets that mirror ours, and conversations people answer there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from peyk.domain.tickets import UNRESOLVED, TicketState


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket as it is to be made outside.

    `key` is ours and never used twice. `customer_key` says whose it is and names nobody; `facts` are for people only,
    `words` are the customer's own.
    """

    key: str
    title: str
    facts: str = field(repr=False)
    words: str = field(repr=False)
    customer_key: str
    customer_name: str
    mobile: str | None = field(default=None, repr=False)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class OutsideTicket:
    """A ticket outside: its id and its state there, in the desk's own word."""

    id: str
    state: str


@dataclass(frozen=True, slots=True)
class OutsideNote:
    """Something to be added to a ticket outside, once a `key`; `internal` ones are for people only."""

    key: str
    text: str = field(repr=False)
    internal: bool = True


@dataclass(frozen=True, slots=True)
class StateNames:
    """Which state outside stands for which of ours (`theirs`), and what ours is called there (`ours`)."""

    theirs: Mapping[str, TicketState]
    ours: Mapping[TicketState, str]

    def read(self, state: str) -> TicketState | None:
        """Return our state for one of theirs; None when a shop has made one nobody has mapped."""
        return self.theirs.get(state.strip().lower())

    def with_changes(self, theirs: Mapping[str, TicketState], ours: Mapping[TicketState, str]) -> StateNames:
        """Return the table with a shop's own words in it."""
        return StateNames({**self.theirs, **theirs}, {**self.ours, **ours})


_FURTHER = tuple(TicketState)


def settle(
    before: tuple[TicketState, str | None] | None, now: tuple[TicketState, str], told: TicketState | None
) -> TicketState:
    """Return the state a ticket should have here and outside.

    `before` is ours and theirs when they last agreed (None: never), `now` what they are; `told` is what theirs stands
    for, None when nobody knows. Whoever solved it has solved it; else a change outside comes before one of ours. Solved
    and opened again outside it stays solved here: what is asked there is not what the customer was told.
    """
    ours, theirs = now
    if told is None or told is ours:
        return ours
    if before is None:
        return max(ours, told, key=_FURTHER.index)
    if ours not in UNRESOLVED or theirs == before[1]:
        return ours
    return told


class ThreadStatus(StrEnum):
    """Who has a conversation at an outside desk: people, its bot (that is us), or nobody any more."""

    PEOPLE = "people"
    BOT = "bot"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class PersonSays:
    """What a person wrote to the customer at an outside desk; `agent` is that person's id there, `at` when it was."""

    id: int
    agent: str
    text: str = field(repr=False)
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ThreadNews:
    """How a conversation stands outside: its status, and what people wrote, oldest first.

    `last_id` is the newest message that was looked at.
    """

    status: ThreadStatus
    said: tuple[PersonSays, ...]
    last_id: int


@dataclass(frozen=True, slots=True)
class HandOffBrief:
    """What people outside are told when they get a conversation; all of it is text for them."""

    customer_key: str
    customer_name: str
    facts: str = field(repr=False)
    mobile: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said, on its way to an outside desk; `by_customer` False is the bot's or ours."""

    key: str
    text: str = field(repr=False)
    at: datetime
    by_customer: bool
