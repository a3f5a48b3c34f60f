"""Files that were sent."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

files = Table(
    "files",
    metadata,
    Column("id", String, primary_key=True),
    # No foreign key: a file may come before the first word of its conversation.
    Column("conversation_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("upload_sha256", String, nullable=False),
    Column("blob", String, nullable=False, unique=True),
    Column("sent_by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("conversation_id", "upload_sha256"),
)
