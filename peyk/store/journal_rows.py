"""Rows of the journal: how each is written, found and read. Every function works inside its caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.engine import Row

from peyk.domain.conversations import Author, Button, Entry, Owner, Utterance
from peyk.ports.journal import CustomerMessage, Offer
from peyk.store.journal_statements import APPEND, KEEP_OFFERS, PROOF_END, append_once, begin
from peyk.store.tables import button_tokens, conversations, journal

BUTTON_TTL = timedelta(days=2)
# Channels whose customers read the journal themselves: nothing has to be brought to them.
READ_LIVE = frozenset({"webchat"})


def next_seq(
    connection: Connection, conversation_id: str, channel: str, language: str | None, now: datetime
) -> Row[Any, Any, Any]:
    """Take the next sequence number; return it as `last_seq`, with owner and language."""
    row = {"id": conversation_id, "channel": channel, "language": language, "owner": Owner.BOT.value, "last_seq": 1}
    return connection.execute(begin(connection.dialect), {**row, "created_at": now, "last_seen_at": now}).one()


def append_message(
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
        **content(Utterance(tapped.title if tapped else message.text, custom=message.custom)),
    }
    return connection.execute(append_once(connection.dialect), row).scalar_one_or_none() is not None


def kept_as(connection: Connection, conversation_id: str, message_id: str) -> Row[Any, Any]:
    """Return the entry a message id stands for."""
    query = select(journal.c.seq, journal.c.repeat_until).where(
        journal.c.conversation_id == conversation_id, journal.c.message_id == message_id
    )
    return connection.execute(query).one()


def forget_id(connection: Connection, conversation_id: str, seq: int) -> None:
    """Take the id from an entry: it is a new message's from now on."""
    connection.execute(update(journal).where(at_seq(conversation_id, seq)).values(message_id=None))


def again(
    connection: Connection, conversation_id: str, known: Row[Any, Any], here: Row[Any, Any, Any], now: datetime
) -> tuple[Entry, ...] | None:
    """Give the taken number back; return the answer to a message that was there before, None when it has none."""
    untaken = conversations.c.last_seq - 1
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(last_seq=untaken))
    if known.repeat_until is not None:
        return replies_to(connection, conversation_id, known.seq, now)
    if here.owner == Owner.BOT.value:
        connection.execute(update(journal).where(at_seq(conversation_id, known.seq)).values(awaits_bot=True))
    return None


def replies_to(connection: Connection, conversation_id: str, seq: int, now: datetime) -> tuple[Entry, ...]:
    """Return what the bot has said to message `seq`."""
    query = select(journal).where(
        journal.c.conversation_id == conversation_id, journal.c.seq > seq, journal.c.answers == seq
    )
    return tuple(read_entry(row, now) for row in connection.execute(query.order_by(journal.c.seq)))


def tapped(connection: Connection, conversation_id: str, token: str, now: datetime) -> Row[Any, Any, Any] | None:
    """Return what stands behind a button of this conversation; None when it is unknown or expired."""
    columns = (button_tokens.c.payload, button_tokens.c.title, button_tokens.c.private_until)
    query = select(*columns).where(
        button_tokens.c.token == token,
        button_tokens.c.conversation_id == conversation_id,
        button_tokens.c.expires_at > now,
    )
    return connection.execute(query).one_or_none()


def keep_offers(
    connection: Connection,
    conversation_id: str,
    offers: Sequence[Offer],
    private_until: datetime | None,
    now: datetime,
) -> None:
    """Keep what stands behind buttons."""
    shared = {
        "conversation_id": conversation_id,
        "created_at": now,
        "expires_at": now + BUTTON_TTL,
        "private_until": private_until,
    }
    rows = [{"token": each.token, "payload": each.payload, "title": storable(each.title), **shared} for each in offers]
    if rows:
        connection.execute(KEEP_OFFERS, rows)


def proof_end(connection: Connection, conversation_id: str, after: datetime) -> datetime | None:
    """Return the end of what the customer has proven, if it comes later than `after`."""
    return connection.execute(PROOF_END, {"here": conversation_id, "proof_after": after}).scalar_one_or_none()


def at_seq(conversation_id: str, seq: int) -> ColumnElement[bool]:
    """Match one entry."""
    return (journal.c.conversation_id == conversation_id) & (journal.c.seq == seq)


def content(said: Utterance) -> dict[str, str | None]:
    """Return the columns of what is said."""
    buttons = [{"title": button.title, "token": button.token} for button in said.buttons]
    return {
        "text": storable(said.text) if said.text is not None else None,
        "buttons": json.dumps(buttons, ensure_ascii=False) if buttons else None,
        "custom": json.dumps(dict(said.custom), ensure_ascii=False) if said.custom else None,
    }


def storable(text: str) -> str:
    """Return a text both databases take."""
    # PostgreSQL takes no null character in a text.
    return text.replace("\x00", "")


def read_entry(row: Row[Any], now: datetime | None) -> Entry:
    """Read an entry as it may be shown at `now`; with None nothing is hidden."""
    hidden = now is not None and row.private_until is not None and row.private_until <= now
    return Entry(
        text=None if hidden else row.text,
        buttons=() if hidden or not row.buttons else tuple(Button(**button) for button in json.loads(row.buttons)),
        custom={} if hidden or not row.custom else json.loads(row.custom),
        seq=row.seq,
        author=Author(row.author),
        at=row.at,
        agent=row.agent,
        message_id=row.message_id,
        answers=row.answers,
        hidden=hidden,
    )


def append_said(
    connection: Connection,
    conversation_id: str,
    here: Row[Any, Any],
    author: Author,
    said: Utterance,
    now: datetime,
    *,
    agent: str | None = None,
    message_id: str | None = None,
    answering: bool = False,
) -> None:
    """Append what a person or the system says at the number just taken; it waits to be pushed on its channel.

    Not if it answers what the customer has just sent: then it goes out as the answer.
    """
    row = {
        "conversation_id": conversation_id,
        "seq": here.last_seq,
        "author": author.value,
        "agent": agent,
        "at": now,
        # People know what they say and to whom; their words wait for the customer, whenever they come back.
        "private_until": None,
        "message_id": message_id,
        "push_channel": None if answering or here.channel in READ_LIVE else here.channel,
        **content(said),
    }
    connection.execute(APPEND, row)
