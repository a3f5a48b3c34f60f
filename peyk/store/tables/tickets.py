"""Tickets with their history and files, office hours, ratings."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

_UNRESOLVED = text("state NOT IN ('resolved', 'merged')")

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dedupe_key", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("state", String, nullable=False),
    Column("state_reason", String),
    Column("queue", String, nullable=False, server_default="l1"),
    Column("priority", Integer, nullable=False),
    Column("assignee", String),
    Column("conversation_id", String, nullable=False, index=True),
    Column("order_number", String),
    Column("mobile", String, index=True),
    Column("note", Text, nullable=False),
    Column("summary", Text),
    Column("merged_into", ForeignKey("tickets.id"), index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # The clocks, and where they stand.
    Column("due_first_answer_at", UtcDateTime),
    Column("due_solution_at", UtcDateTime),
    Column("first_answered_at", UtcDateTime),
    Column("waiting_since", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("reopened_at", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    Column("escalated_for", String),
    # "Did it help?"
    Column("follow_up_at", UtcDateTime, index=True),
    Column("followed_up_at", UtcDateTime),
    Column("helped", Boolean),
    Index("uq_tickets_unresolved", "dedupe_key", unique=True, sqlite_where=_UNRESOLVED, postgresql_where=_UNRESOLVED),
    Index("ix_tickets_state_queue", "state", "queue"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("by", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("detail", Text, nullable=False),
    # What makes it happen once.
    Column("key", String),
    # It has to be said to the customer yet.
    Column("tell", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("ticket_id", "key"),
    Index("ix_ticket_events_tell", "at", sqlite_where=text("tell = 1"), postgresql_where=text("tell")),
)

ticket_files = Table(
    "ticket_files",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("file_id", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

office_hours = Table(
    "office_hours",
    metadata,
    # One row a change; the highest is in force.
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("plan", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

ratings = Table(
    "ratings",
    metadata,
    Column("order_number", String, primary_key=True),
    Column("conversation_id", String, primary_key=True),
    Column("rating", Integer, CheckConstraint("rating BETWEEN 1 AND 5", name="rating"), nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
