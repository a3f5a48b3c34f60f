"""Everything the services keep, on one database."""

from __future__ import annotations

from sqlalchemy import Engine

from peyk.ports.clock import Clock
from peyk.ports.records import Records
from peyk.store.audit import StoredAudit
from peyk.store.identity import StoredOtpChallenges, StoredVerifications
from peyk.store.limits import StoredLimiter
from peyk.store.ratings import StoredRatings
from peyk.store.snapshots import StoredSnapshots


def make_records(engine: Engine, clock: Clock, secret_key: str) -> Records:
    """Return the records on `engine`; `secret_key` signs the audit chain."""
    return Records(
        otp=StoredOtpChallenges(engine),
        verifications=StoredVerifications(engine),
        limiter=StoredLimiter(engine, clock),
        ratings=StoredRatings(engine),
        snapshots=StoredSnapshots(engine),
        audit=StoredAudit(engine, secret_key),
    )
