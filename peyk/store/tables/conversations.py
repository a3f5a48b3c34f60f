"""What was received, said and offered in conversations."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, false, text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

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
    Index(
        "ix_conversations_owned_since",
        "owned_since",
        sqlite_where=text("owned_since IS NOT NULL"),
        postgresql_where=text("owned_since IS NOT NULL"),
    ),
)

journal = Table(
    "journal",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("author", String, nullable=False),
    # Of an agent's entry: which agent.
    Column("agent", String),
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
    # Of what people or the system say: the channel that has not brought it to its customer yet.
    Column("push_channel", String),
    UniqueConstraint("conversation_id", "message_id"),
    Index("ix_journal_awaits_bot", "at", sqlite_where=text("awaits_bot = 1"), postgresql_where=text("awaits_bot")),
    Index(
        "ix_journal_push_channel",
        "push_channel",
        "at",
        sqlite_where=text("push_channel IS NOT NULL"),
        postgresql_where=text("push_channel IS NOT NULL"),
    ),
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
