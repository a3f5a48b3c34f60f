"""Rows of hand-offs: how they are read, locked, and looked for."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.engine import Row

from peyk.domain.conversations import Author, Owner, Ownership
from peyk.domain.handoff import Case, Handoff, HandoffReason, Packet
from peyk.domain.queues import Priority, Queue
from peyk.store.tables import conversations, handoffs, journal

OPEN: ColumnElement[bool] = handoffs.c.closed_at.is_(None)


def lock_conversation(connection: Connection, conversation_id: str) -> Row[Any] | None:
    """Hold the conversation's row, as every change of the journal does; None when there is none."""
    query = select(conversations).where(conversations.c.id == conversation_id).with_for_update()
    return connection.execute(query).one_or_none()


def open_row(connection: Connection, conversation_id: str) -> Row[Any] | None:
    """Return the open hand-off of a conversation."""
    query = select(handoffs).where(handoffs.c.conversation_id == conversation_id, OPEN)
    return connection.execute(query).one_or_none()


def write_packet(packet: Packet) -> str:
    """Return a packet as it is kept."""
    plain = {**asdict(packet), "reason": packet.reason.value}
    # PostgreSQL takes no null character in a text; in JSON it is written as an escape.
    return json.dumps(plain, ensure_ascii=False)


def read_packet(kept: str) -> Packet:
    """Return a kept packet; of a forgotten one nothing but that there was one."""
    plain = json.loads(kept)
    if not plain:
        return Packet()
    plain |= {name: tuple(plain[name]) for name in ("tried", "words")}
    return Packet(**{**plain, "reason": HandoffReason(plain["reason"])})


def read_handoff(row: Row[Any]) -> Handoff:
    """Return a row as the domain has it."""
    return Handoff(
        id=row.id,
        conversation_id=row.conversation_id,
        reason=HandoffReason(row.reason),
        queue=Queue(row.queue),
        priority=Priority(row.priority),
        requested_at=row.requested_at,
        packet=read_packet(row.packet),
        ticket_number=row.ticket_number,
        taken_at=row.taken_at,
        first_answer_at=row.first_answer_at,
        closed_at=row.closed_at,
        summary=row.summary,
        csat=row.csat,
        agent=row.agent,
    )


def open_cases() -> Select[Any]:
    """Return the query of open hand-offs with their conversations, and what is unread in them."""
    spoke = (
        select(handoffs.c.id, func.max(journal.c.seq).label("seq"))
        .join(journal, journal.c.conversation_id == handoffs.c.conversation_id)
        .where(OPEN, journal.c.author == Author.AGENT.value, journal.c.seq > handoffs.c.after_seq)
        .group_by(handoffs.c.id)
        .subquery()
    )
    unread = (
        select(handoffs.c.id, func.count().label("count"), func.min(journal.c.at).label("since"))
        .join(journal, journal.c.conversation_id == handoffs.c.conversation_id)
        .outerjoin(spoke, spoke.c.id == handoffs.c.id)
        .where(
            OPEN,
            journal.c.author == Author.CUSTOMER.value,
            journal.c.seq > func.coalesce(spoke.c.seq, handoffs.c.after_seq),
        )
        .group_by(handoffs.c.id)
        .subquery()
    )
    here = conversations.c
    return (
        select(handoffs, spoke.c.seq.label("spoke"), unread.c.count.label("unread"), unread.c.since.label("since"))
        .add_columns(here.owner, here.agent.label("owned_by"), here.owned_since, here.channel, here.language)
        .add_columns(here.last_seen_at)
        .join(conversations, here.id == handoffs.c.conversation_id)
        .outerjoin(spoke, spoke.c.id == handoffs.c.id)
        .outerjoin(unread, unread.c.id == handoffs.c.id)
        .where(OPEN)
    )


def read_case(row: Row[Any]) -> Case:
    """Return a row of `open_cases`."""
    return Case(
        handoff=read_handoff(row),
        ownership=Ownership(Owner(row.owner), row.owned_by, row.owned_since),
        began=row.began_at is not None,
        channel=row.channel,
        language=row.language,
        last_entry_at=row.last_seen_at,
        waits_since=_waits_since(row),
        unread=row.unread or 0,
    )


def _waits_since(row: Row[Any]) -> datetime | None:
    # Whoever has just taken it over has the time they need, however long the customer has been waiting.
    begun: datetime = row.owned_since or row.requested_at
    if row.spoke is None:
        return begun
    return max(begun, row.since) if row.unread else None
