"""Limits on how fast messages come, per sender and per network address; in memory, or in Redis for several edges."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from peyk.errors import Throttled
from peyk.settings import Settings

REDIS_TIMEOUT_S = 1.0

log = structlog.get_logger(__name__)


class Windows:
    """Moving windows in memory.

    The in-memory storage of `limits` hands every key it lets go to a thread: that cost more than the rest of a message.
    """

    def __init__(self, window_s: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin empty."""
        self._window_s = window_s
        self._monotonic = monotonic
        self._hits: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def hit(self, scope: str, key: str, limit: int) -> None:
        """Count one event, or raise Throttled and count nothing."""
        now = self._monotonic()
        self._forget(now - self._window_s)
        hits = self._hits.setdefault((scope, key), deque())
        while hits and hits[0] <= now - self._window_s:
            hits.popleft()
        if len(hits) >= limit:
            raise Throttled(scope, max(1, math.ceil(hits[0] + self._window_s - now)))
        hits.append(now)
        self._hits.move_to_end((scope, key))

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._hits)

    def _forget(self, before: float) -> None:
        # Ordered by their last event: whoever is first has been silent longest.
        while self._hits and next(iter(self._hits.values()))[-1] <= before:
            self._hits.popitem(last=False)


class Bursts:
    """Counts messages in moving windows; when Redis is away, each edge counts for itself."""

    def __init__(self, settings: Settings) -> None:
        """Connect lazily; nothing is sent before the first message."""
        window = settings.burst_window_s
        self._sender: RateLimitItem = RateLimitItemPerSecond(settings.burst_per_sender, window)
        self._address: RateLimitItem = RateLimitItemPerSecond(settings.burst_per_address, window)
        self._session: RateLimitItem = RateLimitItemPerSecond(settings.webchat_sessions_per_address, window)
        self._local = Windows(window)
        self._pool: ConnectionPool | None = None
        self._shared: MovingWindowRateLimiter | None = None
        if settings.redis_url:
            self._pool = ConnectionPool.from_url(
                settings.redis_url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
            )
            self._shared = MovingWindowRateLimiter(_redis(settings.redis_url, self._pool))

    async def count_sender(self, conversation_id: str) -> None:
        """Count one message of a conversation, or raise Throttled."""
        await self._count(self._sender, "sender", conversation_id)

    async def count_address(self, address: str) -> None:
        """Count one request from a (hashed) address, or raise Throttled."""
        await self._count(self._address, "address", address)

    async def count_session(self, address: str) -> None:
        """Count one conversation begun from a (hashed) address, or raise Throttled."""
        await self._count(self._session, "session", address)

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def _count(self, limit: RateLimitItem, scope: str, key: str) -> None:
        if self._shared is not None:
            try:
                await _hit(self._shared, limit, scope, key)
                return
            except StorageError as exc:
                log.warning("edge.bursts.redis_away", error=type(exc.storage_error).__name__)
        self._local.hit(scope, key, limit.amount)


async def _hit(limiter: MovingWindowRateLimiter, limit: RateLimitItem, scope: str, key: str) -> None:
    if not await limiter.hit(limit, scope, key):
        stats = await limiter.get_window_stats(limit, scope, key)
        raise Throttled(scope, max(1, math.ceil(stats.reset_time - time.time())))


def _redis(url: str, pool: ConnectionPool) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        wrap_exceptions=True,
        key_prefix="peyk",
        connection_pool=pool,  # type: ignore[arg-type]
    )
