"""Tickets and ratings."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, String, Table, Text, text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dedupe_key", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("state", String, nullable=False),
    Column("conversation_id", String, nullable=False, index=True),
    Column("order_number", String),
    Column("mobile", String, index=True),
    Column("note", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(
        "uq_tickets_unresolved",
        "dedupe_key",
        unique=True,
        sqlite_where=text("state <> 'resolved'"),
        postgresql_where=text("state <> 'resolved'"),
    ),
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
