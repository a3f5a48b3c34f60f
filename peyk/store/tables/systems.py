"""What is kept of outside systems beside their answers."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

unknown_codes = Table(
    "unknown_codes",
    metadata,
    Column("system", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("words", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)

system_states = Table(
    "system_states",
    metadata,
    Column("system", String, primary_key=True),
    Column("process", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

code_sends = Table(
    "code_sends",
    metadata,
    Column("key", String, primary_key=True),
    Column("system", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("state", String, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False, index=True),
    Column("cost_rial", Integer, nullable=False),
)
