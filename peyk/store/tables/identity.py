"""Codes, proofs and the limits on guessing."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from peyk.store.tables.base import metadata
from peyk.store.types import UtcDateTime

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
