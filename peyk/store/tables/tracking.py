"""The last good answers of carriers."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

tracking_snapshots = Table(
    "tracking_snapshots",
    metadata,
    Column("carrier", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("as_of", UtcDateTime, nullable=False, index=True),
    Column("answer", Text, nullable=False),
)
