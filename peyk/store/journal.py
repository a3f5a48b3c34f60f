"""What was said in each conversation, in order, and who has it. Implements the port `Journal`.

Every change begins with the conversation's row, which gives the sequence numbers and holds back every other change
of the same conversation until it is committed; what is refused after that is rolled back or gives its number back.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine, select, update

from peyk.domain.conversations import Author, Entry, Owner, Ownership, Utterance
from peyk.ports.journal import About, Accepted, BotAnswer, CustomerMessage, Offer, ToPush, Unanswered
from peyk.store import journal_rows as rows
from peyk.store.engine import reading, writing
from peyk.store.journal_statements import ABOUT, ANSWERED, APPEND, ENTRIES, TAKE_AS_BOT
from peyk.store.tables import conversations, journal

REPEAT_TTL = timedelta(days=1)
# The proof an answer was made with may have ended when the answer is kept, but no longer ago than this.
LONGEST_TURN = timedelta(minutes=1)
OLDEST_FIRST = (journal.c.at, journal.c.conversation_id, journal.c.seq)
# What people and the system say with an id; a customer's ids are hashes, so neither can be taken for the other.
SAID = "said:"


class _Late(Exception):
    """Somebody else was first: roll back."""


class StoredJournal:
    """Everything said, and who answers (the port `Journal`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def accept(
        self, conversation_id: str, channel: str, message: CustomerMessage, *, language: str | None, now: datetime
    ) -> Accepted:
        """Keep a customer's message before it is answered, once a message id."""
        with writing(self._engine) as connection:
            here = rows.next_seq(connection, conversation_id, channel, language, now)
            tapped = rows.tapped(connection, conversation_id, message.token, now) if message.token is not None else None
            keep = partial(rows.append_message, connection, conversation_id, message, here, tapped, now)
            known = None if keep() else rows.kept_as(connection, conversation_id, message.message_id)
            if known is not None and known.repeat_until is not None and known.repeat_until <= now:
                rows.forget_id(connection, conversation_id, known.seq)
                keep()
                known = None
            replies = rows.again(connection, conversation_id, known, here, now) if known is not None else None
        return Accepted(
            seq=here.last_seq if known is None else known.seq,
            duplicate=known is not None,
            owner=Owner(here.owner),
            changed_hands=here.owned_since is not None,
            answered=replies is not None,
            replies=replies or (),
            language=here.language,
            payload=tapped.payload if tapped else None,
        )

    def answer(self, conversation_id: str, seq: int, answer: BotAnswer, now: datetime) -> bool:
        """Append the answer to message `seq` unless it has one, or the bot has lost the conversation."""
        with suppress(_Late), writing(self._engine) as connection:
            taken = {"here": conversation_id, "count": len(answer.utterances), "moment": now}
            last = connection.execute(TAKE_AS_BOT, taken).scalar_one_or_none()
            proof_ends = rows.proof_end(connection, conversation_id, now - LONGEST_TURN)
            day = now + REPEAT_TTL
            until = min(day, proof_ends or day) if answer.repeatable else now
            done = {"here": conversation_id, "number": seq, "until": until}
            if last is None or not connection.execute(ANSWERED, done).rowcount:
                raise _Late
            first = last - len(answer.utterances) + 1
            shared = {"conversation_id": conversation_id, "author": answer.author.value, "at": now, "answers": seq}
            open_to = last if answer.hand_over else first - 1
            said = [
                {
                    **shared,
                    **rows.content(each),
                    "seq": seq_of,
                    "private_until": None if seq_of == open_to else proof_ends,
                }
                for seq_of, each in enumerate(answer.utterances, first)
            ]
            if said:
                connection.execute(APPEND, said)
            rows.keep_offers(connection, conversation_id, answer.offers, proof_ends, now)
            if answer.hand_over:
                to_queue = {"owner": Owner.QUEUE.value, "owned_since": now}
                connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(to_queue))
                _leave_to_people(connection, conversation_id)
            return True
        return False

    def entries(
        self, conversation_id: str, *, after_seq: int, now: datetime, limit: int, for_people: bool = False
    ) -> list[Entry]:
        """Return what was said after `after_seq`, in order, `limit` at most; people of the shop see all of it."""
        with reading(self._engine) as connection:
            shown_at = None if for_people else now
            return _entries(connection, conversation_id, after_seq, shown_at, limit)

    def about(self, conversation_id: str) -> About | None:
        """Return what is known of a conversation, None when it is unknown."""
        with reading(self._engine) as connection:
            return _about(connection, conversation_id)

    def news(
        self, conversation_id: str, *, after_seq: int | None, back: int, now: datetime, limit: int
    ) -> tuple[About, list[Entry]] | None:
        """Return what is known of a conversation, and what was said after `after_seq` (None: the last `back` entries).

        One visit for what is looked at most; None for an unknown conversation.
        """
        with reading(self._engine) as connection:
            about = _about(connection, conversation_id)
            if about is None:
                return None
            after = max(0, about.last_seq - back) if after_seq is None else after_seq
            if about.last_seq <= after:
                return about, []
            return about, _entries(connection, conversation_id, after, now, limit)

    def last_seqs(self, conversation_ids: Collection[str]) -> dict[str, int]:
        """Return the last number of each conversation that is known."""
        query = select(conversations.c.id, conversations.c.last_seq).where(conversations.c.id.in_(conversation_ids))
        with reading(self._engine) as connection:
            return {row.id: row.last_seq for row in connection.execute(query)}

    def seqs_of(self, conversation_id: str, message_ids: Collection[str]) -> dict[str, int]:
        """Return the numbers of those of a customer's message ids that are kept."""
        query = select(journal.c.message_id, journal.c.seq).where(
            journal.c.conversation_id == conversation_id, journal.c.message_id.in_(message_ids)
        )
        with reading(self._engine) as connection:
            return {row.message_id: row.seq for row in connection.execute(query)}

    def owner(self, conversation_id: str) -> Ownership:
        """Return who has the conversation; the bot has those nobody knows."""
        known = self.about(conversation_id)
        return known.ownership if known else Ownership()

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
        """Give the conversation from `expected` to `new`, and say so; of several at once one succeeds."""
        if not expected.may_become(new):
            raise ValueError(f"a conversation does not go from {expected.owner} to {new.owner}")
        change = (
            update(conversations)
            .where(
                conversations.c.id == conversation_id,
                conversations.c.owner == expected.owner.value,
                conversations.c.agent.is_not_distinct_from(expected.agent),
            )
            .values(
                owner=new.owner.value,
                agent=new.agent,
                owned_since=now,
                last_seq=conversations.c.last_seq + (0 if saying is None else 1),
            )
        )
        with writing(self._engine) as connection:
            here = connection.execute(change.returning(conversations.c.last_seq, conversations.c.channel)).one_or_none()
            if here is None:
                return False
            if expected.owner is Owner.BOT:
                _leave_to_people(connection, conversation_id)
            if saying is not None:
                rows.append_said(connection, conversation_id, here, Author.SYSTEM, saying, now, answering=answering)
                proof_ends = rows.proof_end(connection, conversation_id, now)
                rows.keep_offers(connection, conversation_id, offers, proof_ends, now)
        return True

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
        """Append what an agent says who has the conversation, or without one the system; return its `seq`."""
        said_as = SAID + message_id if message_id is not None else None
        whose = [conversations.c.id == conversation_id]
        if agent is not None:
            whose += [conversations.c.owner == Owner.AGENT.value, conversations.c.agent == agent]
        take = update(conversations).where(*whose).values(last_seq=conversations.c.last_seq + 1, last_seen_at=now)
        author = Author.SYSTEM if agent is None else Author.AGENT
        with suppress(_Late), writing(self._engine) as connection:
            here = connection.execute(take.returning(conversations.c.last_seq, conversations.c.channel)).one_or_none()
            # Looked up when the row is ours: of two at once the second finds the first's.
            if here is None or _seq_of(connection, conversation_id, said_as) is not None:
                raise _Late
            rows.append_said(
                connection,
                conversation_id,
                here,
                author,
                utterance,
                now,
                agent=agent,
                message_id=said_as,
                answering=answering,
            )
            rows.keep_offers(connection, conversation_id, offers, rows.proof_end(connection, conversation_id, now), now)
            return int(here.last_seq)
        with reading(self._engine) as connection:
            return _seq_of(connection, conversation_id, said_as)

    def to_push(self, channel: str, *, now: datetime, limit: int) -> list[ToPush]:
        """Return what agents and the system said on a channel and was not pushed there, oldest first."""
        query = select(journal).where(journal.c.push_channel == channel).order_by(*OLDEST_FIRST).limit(limit)
        with reading(self._engine) as connection:
            return [ToPush(row.conversation_id, rows.read_entry(row, now)) for row in connection.execute(query)]

    def pushed(self, conversation_id: str, seq: int) -> None:
        """Remember that everything up to `seq` has been brought to the customer (or cannot be)."""
        here = (journal.c.conversation_id == conversation_id) & (journal.c.seq <= seq)
        with writing(self._engine) as connection:
            waiting = here & journal.c.push_channel.is_not(None)
            connection.execute(update(journal).where(waiting).values(push_channel=None))

    def unanswered(self, channel: str, *, before: datetime, limit: int) -> list[Unanswered]:
        """Return the messages of a channel accepted before `before` that the bot owes an answer, oldest first."""
        owed = (
            journal.c.awaits_bot,
            journal.c.at < before,
            conversations.c.channel == channel,
            conversations.c.owner == Owner.BOT.value,
        )
        query = select(journal).join(conversations).where(*owed).order_by(*OLDEST_FIRST).limit(limit)
        with reading(self._engine) as connection:
            found = connection.execute(query)
            return [Unanswered(row.conversation_id, rows.read_entry(row, None), row.token) for row in found]


def _about(connection: Connection, conversation_id: str) -> About | None:
    row = connection.execute(ABOUT, {"here": conversation_id}).one_or_none()
    if row is None:
        return None
    ownership = Ownership(Owner(row.owner), row.agent, row.owned_since)
    return About(row.channel, row.language, ownership, row.last_seq, row.created_at, row.last_seen_at)


def _entries(
    connection: Connection, conversation_id: str, after_seq: int, shown_at: datetime | None, limit: int
) -> list[Entry]:
    wanted = {"here": conversation_id, "after": after_seq, "most": limit}
    return [rows.read_entry(row, shown_at) for row in connection.execute(ENTRIES, wanted)]


def _leave_to_people(connection: Connection, conversation_id: str) -> None:
    # When the bot gets the conversation back it must not answer what a person has read.
    left = (journal.c.conversation_id == conversation_id) & journal.c.awaits_bot
    connection.execute(update(journal).where(left).values(awaits_bot=False))


def _seq_of(connection: Connection, conversation_id: str, said_as: str | None) -> int | None:
    if said_as is None:
        return None
    query = select(journal.c.seq).where(journal.c.conversation_id == conversation_id, journal.c.message_id == said_as)
    return connection.execute(query).scalar_one_or_none()
