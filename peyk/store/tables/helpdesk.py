"""Mirrors of our tickets and conversations at an outside desk."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, false, text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

helpdesk_links = Table(
    "helpdesk_links",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("system", String, primary_key=True),
    # Ours, sent along with the ticket to find it again.
    Column("key", String, nullable=False),
    Column("external_id", String),
    # What both sides had when they last agreed.
    Column("our_state", String),
    Column("their_state", String),
    # It may have been made outside, whatever we heard of it.
    Column("asked", Boolean, nullable=False, server_default=false()),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=""),
    # Nobody touches it before: another process has it, or it is to be tried later.
    Column("held_until", UtcDateTime),
    # When to look at how it stands outside; without one only when something changes here.
    Column("look_at", UtcDateTime, index=True),
    Column("synced_at", UtcDateTime),
    UniqueConstraint("system", "external_id"),
)

helpdesk_notes = Table(
    "helpdesk_notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("key", String, nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Index(
        "ix_helpdesk_notes_waiting",
        "ticket_id",
        "id",
        sqlite_where=text("sent_at IS NULL"),
        postgresql_where=text("sent_at IS NULL"),
    ),
)

desk_threads = Table(
    "desk_threads",
    metadata,
    # One for each time people get a conversation.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("system", String, nullable=False),
    Column("key", String, nullable=False, unique=True),
    Column("external_id", String),
    # The first message of ours that is not outside yet, and the newest of theirs that is here.
    Column("next_seq", Integer, nullable=False),
    Column("last_id", Integer, nullable=False, server_default=text("0")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=""),
    Column("held_until", UtcDateTime),
    Column("look_at", UtcDateTime),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    UniqueConstraint("system", "external_id"),
    Index(
        "uq_desk_threads_open",
        "conversation_id",
        "system",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)
