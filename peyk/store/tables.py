"""The tables. What changes here needs a revision in `migrations/versions`."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from peyk.store.types import UtcDateTime

# Its own name: the database may hold other programs' tables, and their alembic.
VERSION_TABLE = "peyk_schema_version"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("key_hash", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("language", String),
    Column("owner", String, nullable=False),
    Column("agent", String),
    Column("owned_since", UtcDateTime),
    Column("last_seq", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False, index=True),
)

journal = Table(
    "journal",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("author", String, nullable=False),
    Column("text", Text),
    Column("buttons", Text),
    Column("custom", Text),
    Column("at", UtcDateTime, nullable=False, index=True),
    # After this time what was said is hidden: it was said under a proof.
    Column("private_until", UtcDateTime),
    # Of a customer's message.
    Column("message_id", String),
    Column("token", String),
    Column("awaits_bot", Boolean, nullable=False, server_default=false()),
    Column("repeat_until", UtcDateTime),
    # Of a bot's entry: the message it answers.
    Column("answers", Integer),
    UniqueConstraint("conversation_id", "message_id"),
    Index("ix_journal_awaits_bot", "at", sqlite_where=text("awaits_bot = 1"), postgresql_where=text("awaits_bot")),
)

button_tokens = Table(
    "button_tokens",
    metadata,
    Column("token", String, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("payload", Text, nullable=False),
    Column("title", Text),
    Column("private_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

inbox = Table(
    "inbox",
    metadata,
    # In the order of receipt.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String, nullable=False),
    Column("key", String, nullable=False),
    Column("conversation_id", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    Column("done_at", UtcDateTime),
    UniqueConstraint("channel", "key"),
    Index(
        "ix_inbox_open",
        "channel",
        "id",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

otp_challenges = Table(
    "otp_challenges",
    metadata,
    Column("conversation_id", String, primary_key=True),
    Column("mobile", String, nullable=False),
    Column("code_hash", String, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("tries_left", Integer, nullable=False),
)

verifications = Table(
    "verifications",
    metadata,
    Column("conversation_id", String, primary_key=True),
    Column("mobile", String, nullable=False),
    Column("method", String, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

limit_hits = Table(
    "limit_hits",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", String, nullable=False),
    Column("key", String, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Index(None, "scope", "key", "at"),
)

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

tracking_snapshots = Table(
    "tracking_snapshots",
    metadata,
    Column("carrier", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("as_of", UtcDateTime, nullable=False, index=True),
    Column("answer", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("conversation_id", String, nullable=False),
    Column("event", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("mac", String, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("rows", Integer, nullable=False),
    Column("last_mac", String, nullable=False),
    Column("mac", String, nullable=False),
)
