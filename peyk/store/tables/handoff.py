"""Hand-offs to people, their notes, and whose turn a regular task is."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    # The conversation's last number then: what people have to read comes after it.
    Column("after_seq", Integer, nullable=False),
    # JSON; emptied when what was said is forgotten.
    Column("packet", Text, nullable=False),
    Column("ticket_number", String),
    # When people were first known to have the conversation: until then it is only prepared.
    Column("began_at", UtcDateTime),
    Column("taken_at", UtcDateTime, index=True),
    Column("agent", String),
    Column("first_answer_at", UtcDateTime),
    Column("closed_at", UtcDateTime, index=True),
    Column("summary", Text),
    Column("csat", Integer, CheckConstraint("csat BETWEEN 1 AND 5", name="csat")),
    # When Rasa was told that it has the conversation again.
    Column("settled_at", UtcDateTime),
    Index(
        "uq_handoffs_open",
        "conversation_id",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

handoff_notes = Table(
    "handoff_notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("agent", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

ticks = Table(
    "ticks",
    metadata,
    Column("name", String, primary_key=True),
    Column("claimed_until", UtcDateTime, nullable=False),
)
