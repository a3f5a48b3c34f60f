"""Whose sender a REST conversation is, which idempotency keys were used, and what is told by webhooks."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

rest_senders = Table(
    "rest_senders",
    metadata,
    # Without a foreign key: it is known before the conversation begins.
    Column("conversation_id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("sender", Text, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False, index=True),
    # Since when the owner has it that was put into the outbox last.
    Column("told_since", UtcDateTime),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner", String, primary_key=True),
    Column("key_hash", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("used_at", UtcDateTime, nullable=False, index=True),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("events", String, nullable=False),
    # The secret is made of it and of PEYK_SECRET_KEY.
    Column("salt", String, nullable=False),
    Column("old_salt", String),
    Column("old_salt_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("last_success_at", UtcDateTime),
    Column("off_at", UtcDateTime),
    Column("off_reason", String),
)

webhook_outbox = Table(
    "webhook_outbox",
    metadata,
    # In the order of sending, within a conversation.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subscription_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", String, nullable=False),
    # What makes the event the same event: `message:<seq>`, `owner:<since>` or `tag:<order>:<reason>`.
    Column("key", String, nullable=False),
    Column("type", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # What was said stands in the journal alone, and is hidden there when its time is over.
    Column("seq", Integer),
    Column("owner", String),
    # What a tag says, as JSON.
    Column("facts", Text),
    Column("put_at", UtcDateTime, nullable=False, index=True),
    Column("next_at", UtcDateTime, nullable=False),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("last_error", String),
    Column("claim", String),
    Column("claimed_until", UtcDateTime),
    Column("done_at", UtcDateTime),
    UniqueConstraint("subscription_id", "conversation_id", "key"),
    Index(
        "ix_webhook_outbox_due",
        "next_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index(
        "ix_webhook_outbox_order",
        "subscription_id",
        "conversation_id",
        "id",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)
