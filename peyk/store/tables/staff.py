"""Operators, their sessions, and what they keep."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint, false, true

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

operators = Table(
    "operators",
    metadata,
    Column("id", String, primary_key=True),
    Column("login", String, nullable=False),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("language", String, nullable=False),
    # Lists as words between commas.
    Column("languages", String, nullable=False),
    Column("queues", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
    # The second factor is derived from this and the secret key: the database alone does not give it away.
    Column("totp_salt", String),
    Column("totp_step", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("login"),
)

operator_sessions = Table(
    "operator_sessions",
    metadata,
    Column("key", String, primary_key=True),
    Column("operator_id", ForeignKey("operators.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("seen_at", UtcDateTime, nullable=False),
)

personal_openings = Table(
    "personal_openings",
    metadata,
    Column("operator_id", ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    Column("conversation_id", String, primary_key=True),
    Column("until", UtcDateTime, nullable=False, index=True),
)

canned_answers = Table(
    "canned_answers",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("fa", Text, nullable=False),
    Column("en", Text, nullable=False),
)
