"""Keys of servers that may speak for customers."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("key_hash", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    # Keys of before there were scopes could do this and nothing else.
    Column("scopes", String, nullable=False, server_default=text("'messages:write'")),
    Column("last_used_at", UtcDateTime),
)
