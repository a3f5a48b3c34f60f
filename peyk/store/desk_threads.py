"""Conversations people have at an outside desk. Implements the port `Threads`.

As with tickets, what is to be done is found by comparing: who has a conversation and what was said stands in the
journal, so no hand-over and no message can be forgotten on its way out.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, or_, select, update
from sqlalchemy.engine import Row

from peyk.domain.conversations import Owner
from peyk.ports.handoff_desk import Thread
from peyk.store.engine import insert_into, lock, reading, writing
from peyk.store.tables import conversations, desk_threads

KEY_DIGITS = 16
MAX_ERROR = 200


class StoredThreads:
    """The chats at an outside desk (the port `Threads`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, system: str, now: datetime, *, lease: timedelta, limit: int) -> list[Thread]:
        """Take chats that have something to be done, for `lease`; conversations of people that have none get one."""
        with reading(self._engine) as connection:
            if not _homeless(connection, system, 1) and not connection.execute(_due(system, now, 1)).first():
                return []
        with writing(self._engine) as connection:
            rows = [_new(row, system, now) for row in _homeless(connection, system, limit)]
            if rows:
                connection.execute(insert_into(connection, desk_threads).on_conflict_do_nothing(), rows)
            due = _due(system, now, limit).with_for_update(skip_locked=True, of=desk_threads)
            found = [_thread(row) for row in connection.execute(due)]
            taken = desk_threads.c.id.in_([thread.id for thread in found])
            connection.execute(update(desk_threads).where(taken).values(held_until=now + lease))
        return found

    def opened(self, thread: Thread, external_id: str, next_seq: int) -> None:
        """Note the chat's id outside, and what they know by now."""
        self._set(thread, external_id=external_id, next_seq=next_seq)

    def forwarded(self, thread: Thread, next_seq: int) -> None:
        """Note what they know by now."""
        self._set(thread, next_seq=next_seq)

    def heard(self, thread: Thread, last_id: int) -> None:
        """Note what we know of theirs by now."""
        self._set(thread, last_id=last_id)

    def let_go(self, thread: Thread, look_at: datetime) -> None:
        """Be done for now."""
        self._set(thread, held_until=None, look_at=look_at, attempts=0, error="")

    def failed(self, thread: Thread, error: str, next_at: datetime) -> None:
        """Note a failure; try again at `next_at`."""
        self._set(thread, attempts=thread.attempts + 1, error=error[:MAX_ERROR], held_until=next_at)

    def close(self, thread: Thread, now: datetime) -> None:
        """Note that people do not have it any more."""
        self._set(thread, closed_at=now, held_until=None, look_at=None)

    def reopen(self, thread: Thread) -> bool:
        """Let a closed chat go on; False when its conversation has another one by now."""
        which = (desk_threads.c.conversation_id == thread.conversation_id) & (desk_threads.c.system == thread.system)
        another = exists().where(which, desk_threads.c.closed_at.is_(None))
        change = update(desk_threads).where(desk_threads.c.id == thread.id, ~another).values(closed_at=None)
        with writing(self._engine) as connection:
            lock(connection, f"desk:{thread.conversation_id}")
            return bool(connection.execute(change).rowcount)

    def nudge(self, system: str, external_id: str, now: datetime, *, closed_too: bool = False) -> bool:
        """Have a chat looked at now; False when it is none of ours, or closed."""
        known = [desk_threads.c.system == system, desk_threads.c.external_id == external_id]
        if not closed_too:
            known.append(desk_threads.c.closed_at.is_(None))
        with writing(self._engine) as connection:
            return bool(connection.execute(update(desk_threads).where(*known).values(look_at=now)).rowcount)

    def all(self, system: str, *, limit: int) -> list[Thread]:
        """Return the open chats, those in trouble first."""
        open_ones = (desk_threads.c.system == system) & desk_threads.c.closed_at.is_(None)
        query = select(desk_threads).where(open_ones).order_by(desk_threads.c.attempts.desc(), desk_threads.c.id)
        with reading(self._engine) as connection:
            return [_thread(row) for row in connection.execute(query.limit(limit))]

    def _set(self, thread: Thread, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(desk_threads).where(desk_threads.c.id == thread.id).values(**values))


def _due(system: str, now: datetime, limit: int) -> Any:
    """Return the query for chats with something to be done that nobody holds."""
    open_one = desk_threads.c.closed_at.is_(None)
    changed = or_(
        desk_threads.c.external_id.is_(None),
        conversations.c.last_seq >= desk_threads.c.next_seq,
        conversations.c.owner == Owner.BOT.value,
    )
    needed = or_(open_one & changed, desk_threads.c.look_at <= now)
    free = or_(desk_threads.c.held_until.is_(None), desk_threads.c.held_until <= now)
    return (
        select(desk_threads)
        .join_from(desk_threads, conversations, conversations.c.id == desk_threads.c.conversation_id)
        .where(and_(desk_threads.c.system == system, free, needed))
        .order_by(desk_threads.c.id)
        .limit(limit)
    )


def _homeless(connection: Connection, system: str, limit: int) -> list[Row[Any]]:
    """Return conversations people have that are not outside."""
    there = exists().where(
        desk_threads.c.conversation_id == conversations.c.id,
        desk_threads.c.system == system,
        desk_threads.c.closed_at.is_(None),
    )
    # An agent of our own console needs no other desk.
    ours = or_(conversations.c.agent.is_(None), conversations.c.agent.startswith(f"{system}:"))
    # Who came by the desk's own channels is there already.
    came = conversations.c.channel != system
    query = select(conversations).where(conversations.c.owner != Owner.BOT.value, came, ours, ~there)
    return list(connection.execute(query.order_by(conversations.c.owned_since).limit(limit)))


def _new(conversation: Row[Any], system: str, now: datetime) -> dict[str, Any]:
    # Each time people get the conversation is a chat of its own.
    since = conversation.owned_since.isoformat() if conversation.owned_since else ""
    digest = hashlib.sha256(f"{conversation.id}\0{since}\0{now.isoformat()}".encode()).hexdigest()
    row = {"conversation_id": conversation.id, "system": system, "key": f"chat-{digest[:KEY_DIGITS]}"}
    return {**row, "next_seq": 1, "opened_at": now}


def _thread(row: Row[Any]) -> Thread:
    return Thread(
        id=row.id,
        conversation_id=row.conversation_id,
        system=row.system,
        key=row.key,
        external_id=row.external_id,
        next_seq=row.next_seq,
        last_id=row.last_id,
        attempts=row.attempts,
        error=row.error,
        opened_at=row.opened_at,
        closed=row.closed_at is not None,
    )
