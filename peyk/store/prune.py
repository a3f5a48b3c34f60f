"""What the store forgets, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete

from peyk.store.engine import writing
from peyk.store.tables import (
    button_tokens,
    conversations,
    limit_hits,
    messages,
    otp_challenges,
    tracking_snapshots,
    verifications,
)

CONVERSATION_TTL = timedelta(days=90)
# For an hour after its end a code is still called expired, and not one that was never sent.
CHALLENGE_TTL = timedelta(hours=1)
# As long as the longest window of a limit may be.
LIMIT_TTL = timedelta(days=1)
SNAPSHOT_TTL = timedelta(days=30)


def prune(engine: Engine, now: datetime) -> int:
    """Drop everything whose time is over; return how many rows. Tickets, ratings and audit stay."""
    gone = (
        delete(verifications).where(verifications.c.expires_at <= now),
        delete(otp_challenges).where(otp_challenges.c.expires_at <= now - CHALLENGE_TTL),
        delete(messages).where(messages.c.expires_at <= now),
        delete(button_tokens).where(button_tokens.c.expires_at <= now),
        delete(limit_hits).where(limit_hits.c.at <= now - LIMIT_TTL),
        delete(tracking_snapshots).where(tracking_snapshots.c.as_of <= now - SNAPSHOT_TTL),
        delete(conversations).where(conversations.c.last_seen_at <= now - CONVERSATION_TTL),
    )
    rows = 0
    for statement in gone:
        # One transaction each: on SQLite every other writer waits for this one.
        with writing(engine) as connection:
            rows += connection.execute(statement).rowcount
    return rows
