"""What was said in each conversation, in order, and who has it; the store implements it.

Every method may raise Unavailable("store"). All are short, and called off the event loop. The first four are
what an answer needs; the others are for channels that push, and for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from peyk.domain.conversations import Entry, Owner, Ownership, Utterance


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """What a customer sends: exactly one of `text` and `token` (a tapped button) is set.

    `message_id` is the hash of the client's own id, or one the edge made.
    """

    message_id: str
    text: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A customer's message as it stands in the journal.

    `duplicate` says that it was there before. `answered` that the bot has answered it and the answer may be given
    again: `replies`. `language` is the conversation's, `payload` what the tapped button stands for (None: it is
    unknown, expired or another conversation's).
    """

    seq: int
    duplicate: bool
    owner: Owner
    answered: bool = False
    replies: tuple[Entry, ...] = ()
    language: str | None = None
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What stands behind a button's token."""

    token: str
    payload: str
    title: str


@dataclass(frozen=True, slots=True)
class BotAnswer:
    """What the bot says to one message, and its buttons.

    Not `repeatable` is a refusal for a while (a limit): who sends the message again is answered anew.
    """

    utterances: tuple[Utterance, ...]
    offers: tuple[Offer, ...] = ()
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A customer's message that the bot owes an answer; `token` is the tapped button. Never hidden."""

    conversation_id: str
    entry: Entry
    token: str | None = None


class Journal(Protocol):
    """Everything said in the last 30 days, and who answers. Safe under concurrent calls of any number of processes."""

    def accept(
        self, conversation_id: str, channel: str, message: CustomerMessage, *, language: str | None, now: datetime
    ) -> Accepted:
        """Keep a customer's message before it is answered; `language` is the one it is clearly written in.

        A message id is kept once a conversation. It stands for the same message while its answer may be given again
        (a day, no longer than the customer's proof); after that it is a new one. Sent again unanswered, it waits for
        the bot if the bot has the conversation now.
        """
        ...

    def answer(self, conversation_id: str, seq: int, answer: BotAnswer, now: datetime) -> bool:
        """Append the bot's answer to message `seq`, with its buttons, in one transaction.

        False, and nothing is kept, when the message has an answer already or the bot has lost the conversation
        since it was accepted: then nothing may be shown.
        """
        ...

    def entries(self, conversation_id: str, *, after_seq: int, now: datetime, limit: int) -> list[Entry]:
        """Return what was said after `after_seq`, in order, `limit` at most."""
        ...

    def owner(self, conversation_id: str) -> Ownership:
        """Return who has the conversation; the bot has those nobody knows."""
        ...

    def change_owner(self, conversation_id: str, expected: Ownership, new: Ownership, now: datetime) -> bool:
        """Give the conversation from `expected` to `new`; of several at once one succeeds.

        False when somebody else has it. What the bot has not answered when it loses the conversation is left to
        people. Raises ValueError for a change that may not be (`Ownership.may_become`).
        """
        ...

    def say(self, conversation_id: str, utterance: Utterance, *, agent: str | None, now: datetime) -> int | None:
        """Append what an agent says, or without one the system; return its `seq`.

        None, and nothing is kept, when the conversation is unknown or not this agent's.
        """
        ...

    def unanswered(self, channel: str, *, before: datetime, limit: int) -> list[Unanswered]:
        """Return the messages of a channel accepted before `before` that the bot owes an answer, oldest first."""
        ...
