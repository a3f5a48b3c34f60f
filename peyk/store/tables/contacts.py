"""What the shop's record of its customers holds."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, String, Table, false

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

contact_tags = Table(
    "contact_tags",
    metadata,
    Column("mobile", String, primary_key=True),
    Column("order_number", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("tag", String, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    # Whether the CRM outside has taken it.
    Column("told", Boolean, nullable=False, server_default=false()),
)
