"""Limits: events counted in a sliding window."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select

from peyk.errors import Throttled
from peyk.ports.clock import Clock
from peyk.store.engine import lock, reading, writing
from peyk.store.tables import limit_hits


class StoredLimiter:
    """Counts events of a scope and key, for all processes (the port `Limiter`). A scope has one window."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def check(self, scope: str, key: str, limit: int, window_s: int) -> None:
        """Raise Throttled(scope, retry_after_s) when `limit` events of the last `window_s` are used up."""
        with reading(self._engine) as connection:
            _refuse_when_used_up(connection, scope, key, limit, timedelta(seconds=window_s), self._clock.now())

    def hit(self, scope: str, key: str, limit: int, window_s: int) -> None:
        """Count one event, or raise Throttled and count nothing when the limit is used up. Atomic."""
        window = timedelta(seconds=window_s)
        with writing(self._engine) as connection:
            lock(connection, f"limit:{scope}:{key}")
            # Asked for after the wait: a hit that waited must not be older than the one it waited for.
            now = self._clock.now()
            _refuse_when_used_up(connection, scope, key, limit, window, now)
            here = (limit_hits.c.scope == scope) & (limit_hits.c.key == key)
            connection.execute(delete(limit_hits).where(here, limit_hits.c.at <= now - window))
            connection.execute(insert(limit_hits).values(scope=scope, key=key, at=now))


def _refuse_when_used_up(
    connection: Connection, scope: str, key: str, limit: int, window: timedelta, now: datetime
) -> None:
    """Raise Throttled when there are `limit` hits: the window opens again when the `limit`-th newest leaves it."""
    if limit <= 0:
        raise Throttled(scope, math.ceil(window.total_seconds()))
    query = (
        select(limit_hits.c.at)
        .where(limit_hits.c.scope == scope, limit_hits.c.key == key, limit_hits.c.at > now - window)
        .order_by(limit_hits.c.at.desc())
        .offset(limit - 1)
        .limit(1)
    )
    oldest = connection.execute(query).scalar_one_or_none()
    if oldest is not None:
        raise Throttled(scope, max(1, math.ceil((oldest + window - now).total_seconds())))
