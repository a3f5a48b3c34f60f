"""What every message runs, built once: on SQLite to build these costs more than to run them, under the write lock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Insert, Select, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from peyk.domain.conversations import Owner
from peyk.store.tables import button_tokens, conversations, journal, verifications
from peyk.store.types import UtcDateTime

DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}


def _proof() -> Select[datetime]:
    return select(verifications.c.expires_at).where(
        verifications.c.conversation_id == bindparam("here"), verifications.c.expires_at > bindparam("proof_after")
    )


def _begin(dialect: Any) -> Insert:
    statement = dialect.insert(conversations)
    changes = {
        "last_seen_at": statement.excluded.last_seen_at,
        "last_seq": conversations.c.last_seq + 1,
        "language": func.coalesce(statement.excluded.language, conversations.c.language),
    }
    upsert: Insert = statement.on_conflict_do_update(index_elements=["id"], set_=changes)
    of_row = conversations.c
    return upsert.returning(of_row.last_seq, of_row.owner, of_row.language, of_row.owned_since)


def _append_once(dialect: Any) -> Insert:
    private_until = func.coalesce(bindparam("shown_until", type_=UtcDateTime), _proof().scalar_subquery())
    statement = dialect.insert(journal).values(private_until=private_until)
    once: Insert = statement.on_conflict_do_nothing(index_elements=["conversation_id", "message_id"])
    return once.returning(journal.c.seq)


_BEGIN = {name: _begin(dialect) for name, dialect in DIALECTS.items()}
_APPEND_ONCE = {name: _append_once(dialect) for name, dialect in DIALECTS.items()}

# The end of what the customer of `here` has proven, if it comes later than `proof_after`.
PROOF_END = _proof()
# Takes `count` sequence numbers of conversation `here` if the bot has it; gives the last.
TAKE_AS_BOT = (
    update(conversations)
    .where(conversations.c.id == bindparam("here"), conversations.c.owner == Owner.BOT.value)
    .values(last_seq=conversations.c.last_seq + bindparam("count"), last_seen_at=bindparam("moment"))
    .returning(conversations.c.last_seq)
)
# Marks message `number` answered, if the bot still owes an answer; it may be repeated until `until`.
ANSWERED = (
    update(journal)
    .where(journal.c.conversation_id == bindparam("here"), journal.c.seq == bindparam("number"), journal.c.awaits_bot)
    .values(awaits_bot=False, repeat_until=bindparam("until"))
)
APPEND = insert(journal)
# Everything of conversation `here`, and the `most` first entries of it after `after`.
ABOUT = select(conversations).where(conversations.c.id == bindparam("here"))
ENTRIES = (
    select(journal)
    .where(journal.c.conversation_id == bindparam("here"), journal.c.seq > bindparam("after"))
    .order_by(journal.c.seq)
    .limit(bindparam("most"))
)
KEEP_OFFERS = insert(button_tokens)


def begin(dialect: Dialect) -> Insert:
    """Return what takes the next number of a conversation, and makes it if need be.

    Gives `last_seq`, `owner`, `language` and `owned_since`; the conversation is this transaction's until it ends.
    """
    return _BEGIN[dialect.name]


def append_once(dialect: Dialect) -> Insert:
    """Return what appends a customer's message and gives its `seq`: none when the message id is there.

    Beside the columns it takes `here`, `proof_after`, and `shown_until`, the end of the proof a button was shown under.
    """
    return _APPEND_ONCE[dialect.name]
