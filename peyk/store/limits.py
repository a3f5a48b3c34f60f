"""Limits: events counted in sliding windows."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, delete, insert, select

from peyk.errors import Throttled
from peyk.ports.clock import Clock
from peyk.ports.records import Window
from peyk.store.engine import lock, reading, writing
from peyk.store.tables import limit_hits

_DROP_OLD = delete(limit_hits).where(
    limit_hits.c.scope == bindparam("here"), limit_hits.c.key == bindparam("whose"), limit_hits.c.at <= bindparam("end")
)
_COUNT = insert(limit_hits)


class StoredLimiter:
    """Counts events of scopes and keys, for all processes (the port `Limiter`)."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def check(self, windows: Sequence[Window]) -> None:
        """Raise Throttled(scope, retry_after_s) of the first window that is used up. One look, counts nothing."""
        _refuse_no_limit(windows)
        if windows:
            with reading(self._engine) as connection:
                _refuse_used_up(connection, windows, self._clock.now())

    def hit(self, windows: Sequence[Window], *, once: str | None = None) -> None:
        """Count one event in every window, or raise Throttled of one that is used up and count in none. Atomic.

        With `once` a window that has counted the same `once` in its time is left out, neither counted nor judged;
        where all have, nothing is written.
        """
        if once is not None:
            # Looked at first without the write lock: most of what is asked for is asked for again.
            with reading(self._engine) as connection:
                windows = _unknown(connection, windows, once, self._clock.now())
        if not windows:
            return
        _refuse_no_limit(windows)
        with writing(self._engine) as connection:
            # In one order everywhere: of two transactions none waits for what the other has.
            for name in sorted(f"limit:{window.scope}:{window.key}" for window in windows):
                lock(connection, name)
            # Asked for after the wait: a hit that waited must not be older than the one it waited for.
            now = self._clock.now()
            if once is not None:
                windows = _unknown(connection, windows, once, now)
            _refuse_used_up(connection, windows, now)
            _count(connection, [*windows, *(_marks(windows, once) if once is not None else ())], now)


def _marks(windows: Sequence[Window], once: str) -> list[Window]:
    """Return what remembers that `once` was counted in each window: a counter of its own, for one event."""
    return [
        Window(
            f"{window.scope}.known",
            hashlib.sha256(f"{window.scope}\0{window.key}\0{once}".encode()).hexdigest(),
            1,
            window.window_s,
        )
        for window in windows
    ]


def _unknown(connection: Connection, windows: Sequence[Window], once: str, now: datetime) -> list[Window]:
    used_up = _used_up_since(connection, _marks(windows, once), now)
    return [window for window, since in zip(windows, used_up, strict=True) if since is None]


def _refuse_no_limit(windows: Sequence[Window]) -> None:
    for window in windows:
        if window.limit <= 0:
            raise Throttled(window.scope, window.window_s)


def _refuse_used_up(connection: Connection, windows: Sequence[Window], now: datetime) -> None:
    """Raise Throttled for a window with `limit` hits: it opens again when the `limit`-th newest leaves it."""
    for window, since in zip(windows, _used_up_since(connection, windows, now), strict=True):
        if since is not None:
            wait_s = (since + timedelta(seconds=window.window_s) - now).total_seconds()
            raise Throttled(window.scope, max(1, math.ceil(wait_s)))


def _used_up_since(connection: Connection, windows: Sequence[Window], now: datetime) -> list[datetime | None]:
    """Return the moment of each window's `limit`-th newest hit, None where there are not as many. One question."""
    if not windows:
        return []
    values: dict[str, Any] = {}
    for place, window in enumerate(windows):
        values |= {f"scope_{place}": window.scope, f"key_{place}": window.key, f"before_{place}": window.limit - 1}
        values[f"end_{place}"] = now - timedelta(seconds=window.window_s)
    return list(connection.execute(_look(len(windows)), values).one())


@lru_cache
def _look(windows: int) -> Select[Any]:
    # Built once for each number of windows: to build it costs more than to run it.
    return select(
        *(
            select(limit_hits.c.at)
            .where(
                limit_hits.c.scope == bindparam(f"scope_{place}"),
                limit_hits.c.key == bindparam(f"key_{place}"),
                limit_hits.c.at > bindparam(f"end_{place}"),
            )
            .order_by(limit_hits.c.at.desc())
            .offset(bindparam(f"before_{place}"))
            .limit(1)
            .scalar_subquery()
            .label(f"used_up_{place}")
            for place in range(windows)
        )
    )


def _count(connection: Connection, windows: Sequence[Window], now: datetime) -> None:
    old = [
        {"here": window.scope, "whose": window.key, "end": now - timedelta(seconds=window.window_s)}
        for window in windows
    ]
    new = [{"scope": window.scope, "key": window.key, "at": now} for window in windows]
    if windows:
        connection.execute(_DROP_OLD, old)
        connection.execute(_COUNT, new)
