"""What was said in each conversation, in order, and who has it. Implements the port `Journal`.

Every change begins with the conversation's row, which gives the sequence numbers and holds back every other change
of the same conversation until it is committed; what is refused after that is rolled back or gives its number back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, insert, select, update
from sqlalchemy.engine import Row

from peyk.domain.conversations import Author, Button, Entry, Owner, Ownership, Utterance
from peyk.ports.journal import Accepted, BotAnswer, CustomerMessage, Offer, Unanswered
from peyk.store.engine import reading, writing
from peyk.store.journal_statements import ANSWERED, APPEND, PROOF_END, TAKE_AS_BOT, append_once, begin
from peyk.store.tables import button_tokens, conversations, journal

BUTTON_TTL = timedelta(days=2)
REPEAT_TTL = timedelta(days=1)
# The proof an answer was made with may have ended when the answer is kept, but no longer ago than this.
LONGEST_TURN = timedelta(minutes=1)
OLDEST_FIRST = (journal.c.at, journal.c.conversation_id, journal.c.seq)


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
            here = _next(connection, conversation_id, channel, language, now)
            tapped = _tapped(connection, conversation_id, message.token, now) if message.token is not None else None
            keep = partial(_append_once, connection, conversation_id, message, here, tapped, now)
            known = None if keep() else _known(connection, conversation_id, message.message_id)
            if known is not None and known.repeat_until is not None and known.repeat_until <= now:
                _forget_id(connection, conversation_id, known.seq)
                keep()
                known = None
            replies = _again(connection, conversation_id, known, here, now) if known is not None else None
        return Accepted(
            seq=here.last_seq if known is None else known.seq,
            duplicate=known is not None,
            owner=Owner(here.owner),
            answered=replies is not None,
            replies=replies or (),
            language=here.language,
            payload=tapped.payload if tapped else None,
        )

    def answer(self, conversation_id: str, seq: int, answer: BotAnswer, now: datetime) -> bool:
        """Append the bot's answer to message `seq` unless it has one, or the bot has lost the conversation."""
        with suppress(_Late), writing(self._engine) as connection:
            taken = {"here": conversation_id, "count": len(answer.utterances), "moment": now}
            last = connection.execute(TAKE_AS_BOT, taken).scalar_one_or_none()
            proof_ends = _proof_end(connection, conversation_id, now - LONGEST_TURN)
            day = now + REPEAT_TTL
            until = min(day, proof_ends or day) if answer.repeatable else now
            done = {"here": conversation_id, "number": seq, "until": until}
            if last is None or not connection.execute(ANSWERED, done).rowcount:
                raise _Late
            first = last - len(answer.utterances) + 1
            shared = {"conversation_id": conversation_id, "author": Author.BOT.value, "at": now, "answers": seq}
            rows = [
                {"seq": first + place, "private_until": proof_ends, **shared, **_content(said)}
                for place, said in enumerate(answer.utterances)
            ]
            if rows:
                connection.execute(APPEND, rows)
            _keep_offers(connection, conversation_id, answer.offers, proof_ends, now)
            return True
        return False

    def entries(self, conversation_id: str, *, after_seq: int, now: datetime, limit: int) -> list[Entry]:
        """Return what was said after `after_seq`, in order, `limit` at most."""
        here = (journal.c.conversation_id == conversation_id) & (journal.c.seq > after_seq)
        query = select(journal).where(here).order_by(journal.c.seq).limit(limit)
        with reading(self._engine) as connection:
            return [_entry(row, now) for row in connection.execute(query)]

    def owner(self, conversation_id: str) -> Ownership:
        """Return who has the conversation; the bot has those nobody knows."""
        columns = (conversations.c.owner, conversations.c.agent, conversations.c.owned_since)
        with reading(self._engine) as connection:
            row = connection.execute(select(*columns).where(conversations.c.id == conversation_id)).one_or_none()
        return Ownership(Owner(row.owner), row.agent, row.owned_since) if row else Ownership()

    def change_owner(self, conversation_id: str, expected: Ownership, new: Ownership, now: datetime) -> bool:
        """Give the conversation from `expected` to `new`; of several at once one succeeds."""
        if not expected.may_become(new):
            raise ValueError(f"a conversation does not go from {expected.owner} to {new.owner}")
        change = (
            update(conversations)
            .where(
                conversations.c.id == conversation_id,
                conversations.c.owner == expected.owner.value,
                conversations.c.agent.is_not_distinct_from(expected.agent),
            )
            .values(owner=new.owner.value, agent=new.agent, owned_since=now)
        )
        left = (journal.c.conversation_id == conversation_id) & journal.c.awaits_bot
        with writing(self._engine) as connection:
            if not connection.execute(change).rowcount:
                return False
            if expected.owner is Owner.BOT:
                # When the bot gets the conversation back it must not answer what a person has read.
                connection.execute(update(journal).where(left).values(awaits_bot=False))
        return True

    def say(self, conversation_id: str, utterance: Utterance, *, agent: str | None, now: datetime) -> int | None:
        """Append what an agent says who has the conversation, or without one the system; return its `seq`."""
        whose = [conversations.c.id == conversation_id]
        if agent is not None:
            whose += [conversations.c.owner == Owner.AGENT.value, conversations.c.agent == agent]
        take = update(conversations).where(*whose).values(last_seq=conversations.c.last_seq + 1, last_seen_at=now)
        with writing(self._engine) as connection:
            seq = connection.execute(take.returning(conversations.c.last_seq)).scalar_one_or_none()
            if seq is None:
                return None
            row = {
                "conversation_id": conversation_id,
                "seq": seq,
                "author": (Author.SYSTEM if agent is None else Author.AGENT).value,
                "at": now,
                "private_until": _proof_end(connection, conversation_id, now),
                **_content(utterance),
            }
            connection.execute(APPEND, row)
        return int(seq)

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
            return [Unanswered(row.conversation_id, _entry(row, None), row.token) for row in connection.execute(query)]


def _next(
    connection: Connection, conversation_id: str, channel: str, language: str | None, now: datetime
) -> Row[Any, Any, Any]:
    """Take the next sequence number; return it as `last_seq`, with owner and language."""
    row = {"id": conversation_id, "channel": channel, "language": language, "owner": Owner.BOT.value, "last_seq": 1}
    return connection.execute(begin(connection.dialect), {**row, "created_at": now, "last_seen_at": now}).one()


def _append_once(
    connection: Connection,
    conversation_id: str,
    message: CustomerMessage,
    here: Row[Any, Any, Any],
    tapped: Row[Any, Any, Any] | None,
    now: datetime,
) -> bool:
    """Append a customer's message; False when its id is there already."""
    row = {
        "conversation_id": conversation_id,
        "seq": here.last_seq,
        "author": Author.CUSTOMER.value,
        "at": now,
        "message_id": message.message_id,
        "token": message.token,
        "awaits_bot": here.owner == Owner.BOT.value,
        # A title may show what the proof of its time opened, long after that has ended.
        "shown_until": tapped.private_until if tapped else None,
        "here": conversation_id,
        "proof_after": now,
        **_content(Utterance(tapped.title if tapped else message.text)),
    }
    return connection.execute(append_once(connection.dialect), row).scalar_one_or_none() is not None


def _known(connection: Connection, conversation_id: str, message_id: str) -> Row[Any, Any]:
    query = select(journal.c.seq, journal.c.repeat_until).where(
        journal.c.conversation_id == conversation_id, journal.c.message_id == message_id
    )
    return connection.execute(query).one()


def _forget_id(connection: Connection, conversation_id: str, seq: int) -> None:
    connection.execute(update(journal).where(_message(conversation_id, seq)).values(message_id=None))


def _again(
    connection: Connection, conversation_id: str, known: Row[Any, Any], here: Row[Any, Any, Any], now: datetime
) -> tuple[Entry, ...] | None:
    """Give the taken number back; return the answer to a message that was there before, None when it has none."""
    untaken = conversations.c.last_seq - 1
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(last_seq=untaken))
    if known.repeat_until is not None:
        return _replies(connection, conversation_id, known.seq, now)
    if here.owner == Owner.BOT.value:
        connection.execute(update(journal).where(_message(conversation_id, known.seq)).values(awaits_bot=True))
    return None


def _replies(connection: Connection, conversation_id: str, seq: int, now: datetime) -> tuple[Entry, ...]:
    query = select(journal).where(
        journal.c.conversation_id == conversation_id, journal.c.seq > seq, journal.c.answers == seq
    )
    return tuple(_entry(row, now) for row in connection.execute(query.order_by(journal.c.seq)))


def _tapped(connection: Connection, conversation_id: str, token: str, now: datetime) -> Row[Any, Any, Any] | None:
    columns = (button_tokens.c.payload, button_tokens.c.title, button_tokens.c.private_until)
    query = select(*columns).where(
        button_tokens.c.token == token,
        button_tokens.c.conversation_id == conversation_id,
        button_tokens.c.expires_at > now,
    )
    return connection.execute(query).one_or_none()


def _keep_offers(
    connection: Connection,
    conversation_id: str,
    offers: Sequence[Offer],
    private_until: datetime | None,
    now: datetime,
) -> None:
    shared = {
        "conversation_id": conversation_id,
        "created_at": now,
        "expires_at": now + BUTTON_TTL,
        "private_until": private_until,
    }
    rows = [{"token": each.token, "payload": each.payload, "title": _storable(each.title), **shared} for each in offers]
    if rows:
        connection.execute(insert(button_tokens), rows)


def _proof_end(connection: Connection, conversation_id: str, after: datetime) -> datetime | None:
    return connection.execute(PROOF_END, {"here": conversation_id, "proof_after": after}).scalar_one_or_none()


def _message(conversation_id: str, seq: int) -> ColumnElement[bool]:
    return (journal.c.conversation_id == conversation_id) & (journal.c.seq == seq)


def _content(said: Utterance) -> dict[str, str | None]:
    buttons = [{"title": button.title, "token": button.token} for button in said.buttons]
    return {
        "text": _storable(said.text) if said.text is not None else None,
        "buttons": json.dumps(buttons, ensure_ascii=False) if buttons else None,
        "custom": json.dumps(dict(said.custom), ensure_ascii=False) if said.custom else None,
    }


def _storable(text: str) -> str:
    # PostgreSQL takes no null character in a text.
    return text.replace("\x00", "")


def _entry(row: Row[Any], now: datetime | None) -> Entry:
    """Read an entry as it may be shown at `now`; with None nothing is hidden."""
    hidden = now is not None and row.private_until is not None and row.private_until <= now
    return Entry(
        text=None if hidden else row.text,
        buttons=() if hidden or not row.buttons else tuple(Button(**button) for button in json.loads(row.buttons)),
        custom={} if hidden or not row.custom else json.loads(row.custom),
        seq=row.seq,
        author=Author(row.author),
        at=row.at,
        message_id=row.message_id,
        answers=row.answers,
        hidden=hidden,
    )
