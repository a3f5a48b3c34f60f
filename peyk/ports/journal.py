"""What was said in each conversation, in order, and who has it; the store implements it.

Every method may raise Unavailable("store"). All are short, and called off the event loop. The first four are
what an answer needs; the others are for channels that push, and for people.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from peyk.domain.conversations import Author, Entry, Owner, Ownership, Utterance


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """What a customer sends: one of `text`, `token` (a tapped button) and files is set.

    `message_id` is the hash of the client's own id, or one the edge made. Files stand in `custom`
    (`{"files": [{"id", "name", "type", "size"}]}`), perhaps with a text beside them.
    """

    message_id: str
    text: str | None = None
    token: str | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A customer's message as it stands in the journal.

    `duplicate` says that it was there before. `answered` that the bot has answered it and the answer may be given
    again: `replies`. `language` is the conversation's, `payload` what the tapped button stands for (None: it is
    unknown, expired or another conversation's). `changed_hands` says that it was not always the bot's.
    """

    seq: int
    duplicate: bool
    owner: Owner
    answered: bool = False
    replies: tuple[Entry, ...] = ()
    language: str | None = None
    payload: str | None = None
    changed_hands: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What stands behind a button's token."""

    token: str
    payload: str
    title: str


@dataclass(frozen=True, slots=True)
class BotAnswer:
    """What is said to one message, and its buttons.

    Not `repeatable` is a refusal for a while (a limit): who sends the message again is answered anew. With `hand_over`
    the conversation goes to the queue in the same step, and the last sentence is not hidden when a proof ends: it says
    where the customer stands. `author` is the system when the bot cannot speak for itself.
    """

    utterances: tuple[Utterance, ...]
    offers: tuple[Offer, ...] = ()
    repeatable: bool = True
    hand_over: bool = False
    author: Author = Author.BOT


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A customer's message that the bot owes an answer; `token` is the tapped button. Never hidden."""

    conversation_id: str
    entry: Entry
    token: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """A conversation: its channel and language, who has it, its last number, when it began and was last used."""

    channel: str
    language: str | None
    ownership: Ownership
    last_seq: int
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class ToPush:
    """What people or the system said and a channel that pushes has not yet brought to its customer."""

    conversation_id: str
    entry: Entry


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

    def entries(
        self, conversation_id: str, *, after_seq: int, now: datetime, limit: int, for_people: bool = False
    ) -> list[Entry]:
        """Return what was said after `after_seq`, in order, `limit` at most.

        `for_people` of the shop nothing is hidden.
        """
        ...

    def about(self, conversation_id: str) -> About | None:
        """Return what is known of a conversation, None when it is unknown."""
        ...

    def news(
        self, conversation_id: str, *, after_seq: int | None, back: int, now: datetime, limit: int
    ) -> tuple[About, list[Entry]] | None:
        """Return what `about` does with what `entries` does, of one moment; None for an unknown conversation.

        Without `after_seq` the entries begin `back` before the end.
        """
        ...

    def last_seqs(self, conversation_ids: Collection[str]) -> dict[str, int]:
        """Return the last number of each conversation that is known."""
        ...

    def seqs_of(self, conversation_id: str, message_ids: Collection[str]) -> dict[str, int]:
        """Return the numbers of those of a customer's (hashed) message ids that are kept."""
        ...

    def owner(self, conversation_id: str) -> Ownership:
        """Return who has the conversation; the bot has those nobody knows."""
        ...

    def change_owner(
        self,
        conversation_id: str,
        expected: Ownership,
        new: Ownership,
        now: datetime,
        *,
        saying: Utterance | None = None,
        offers: tuple[Offer, ...] = (),
        answering: bool = False,
    ) -> bool:
        """Give the conversation from `expected` to `new`; of several at once one succeeds.

        What the system says of it, with its buttons, is appended in the same step. False when somebody else has it.
        `answering` the customer's own message it goes out as its answer, and is not to be pushed.
        What the bot has not answered when it loses the conversation is left to people. Raises ValueError for a change
        that may not be (`Ownership.may_become`).
        """
        ...

    def say(
        self,
        conversation_id: str,
        utterance: Utterance,
        *,
        agent: str | None,
        now: datetime,
        message_id: str | None = None,
        offers: tuple[Offer, ...] = (),
        answering: bool = False,
    ) -> int | None:
        """Append what an agent says, or without one the system, with its buttons; return its `seq`. It is never hidden.

        With a `message_id` once: said again, it is the first one's `seq`. None, and nothing is kept, when the
        conversation is unknown or not this agent's. `answering` as in `change_owner`.
        """
        ...

    def to_push(self, channel: str, *, now: datetime, limit: int) -> list[ToPush]:
        """Return what agents and the system said on a channel after what was `pushed` there, oldest first."""
        ...

    def pushed(self, conversation_id: str, seq: int) -> None:
        """Remember that everything up to `seq` has been brought to the customer (or cannot be)."""
        ...

    def unanswered(self, channel: str, *, before: datetime, limit: int) -> list[Unanswered]:
        """Return the messages of a channel accepted before `before` that the bot owes an answer, oldest first."""
        ...
