"""Where a channel that pushes finds its customers."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

channel_addresses = Table(
    "channel_addresses",
    metadata,
    Column("conversation_id", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("address", String, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
    # Nothing reaches the customer since then; null again when the customer writes.
    Column("gone_at", UtcDateTime),
    # The order for which the customer was asked to prove the mobile ("": for none), null when not asked.
    Column("asked_for", String),
    # When the customer was told what is told once.
    Column("told_at", UtcDateTime),
    # Which process brings messages to the customer, and until when no other may.
    Column("pushed_by", String),
    Column("pushing_until", UtcDateTime),
)
