"""Who speaks, what was said, and who answers: the bot, nobody yet, or a person of the shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Owner(StrEnum):
    """Who answers a conversation: the bot, nobody yet (it waits in the queue), or one agent."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


class Author(StrEnum):
    """Who said something; `system` is Peyk itself ("an agent has joined")."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


NEXT_OWNERS: Mapping[Owner, frozenset[Owner]] = {
    # Only who waits in the queue is taken: nobody breaks into a conversation the bot still has.
    Owner.BOT: frozenset({Owner.QUEUE}),
    Owner.QUEUE: frozenset({Owner.AGENT, Owner.BOT}),
    Owner.AGENT: frozenset({Owner.AGENT, Owner.QUEUE, Owner.BOT}),
}


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who has a conversation: `agent` is that agent's id, and only then set; `since` when it began (UTC), if ever.

    Two are equal when owner and agent are. Raises ValueError for an agent without an id, or an id without an agent.
    """

    owner: Owner = Owner.BOT
    agent: str | None = None
    since: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if (self.owner is Owner.AGENT) != bool(self.agent):
            raise ValueError("an agent's conversation has an agent, and no other has")

    def may_become(self, new: Ownership) -> bool:
        """Tell whether the conversation may go from here to `new`; to stay where it is is no change."""
        return new != self and new.owner in NEXT_OWNERS[self.owner]


@dataclass(frozen=True, slots=True)
class Caller:
    """The conversation a request comes from.

    `conversation_id` is chosen by the edge, never by a client. `address` is a keyed hash of the
    network address, for limits only. `correlation_id` joins the logs of one message.
    """

    conversation_id: str
    address: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A button as customers get it: an opaque token in the place of what it does."""

    title: str
    token: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message as it is shown: text, buttons, and facts for programs (JSON)."""

    text: str | None = None
    buttons: tuple[Button, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Utterance):
    """A message in its place: `seq` counts from 1 within the conversation, without gaps; `at` is UTC.

    `agent` is the id of who said it. `message_id` is the hashed id a customer's message came with; its text is
    the title when a button was tapped, None when the button was not ours. `answers` is the `seq` a bot's entry answers.
    A `hidden` one was made under a proof that has ended: its text, buttons and custom are not given any more.
    """

    seq: int
    author: Author
    at: datetime
    agent: str | None = None
    message_id: str | None = None
    answers: int | None = None
    hidden: bool = False
