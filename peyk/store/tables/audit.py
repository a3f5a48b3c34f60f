"""What was shown to whom, chained."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

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
