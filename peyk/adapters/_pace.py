"""How often a vendor may be asked: its limits, kept by us before it has to remind us.

With Redis all processes share one count; without, and while Redis is away, each counts for itself.
"""

from __future__ import annotations

import math
import threading
import time

import structlog
from limits import parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter

from peyk.errors import RateLimited, SettingsError

log = structlog.get_logger(__name__)

REDIS_TIMEOUT_S = 1.0
EXAMPLE = "1/5 second; 250/day"


class Pace:
    """The limits of one vendor, such as `1/5 second; 250/day`; empty means none."""

    def __init__(self, system: str, limits: str, redis_url: str = "", *, what: str = "") -> None:
        """Read the limits; Redis is not asked yet. `what` is counted apart from all else. Raises SettingsError."""
        self._system = system
        self._key = f"{system} {what}".rstrip()
        try:
            # The longest window first: a day that is used up must not spend places of the seconds.
            self._limits = sorted(parse_many(limits), reverse=True) if limits.strip() else []
        except ValueError:
            raise SettingsError(f"the limits of {system} must look like `{EXAMPLE}`") from None
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_redis(redis_url)) if redis_url and self._limits else self._own
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take a place for one call. Raises RateLimited, with the wait, where there is none."""
        if not self._limits:
            return
        with self._lock:
            try:
                self._take(self._shared)
            except StorageError:
                log.warning("pace.counted_alone", system=self._system)
                self._take(self._own)

    def _take(self, limiter: MovingWindowRateLimiter) -> None:
        for limit in self._limits:
            if not limiter.hit(limit, self._key):
                opens = limiter.get_window_stats(limit, self._key).reset_time
                error = RateLimited(self._system, "our own limit for it is used up")
                error.retry_after_s = max(1, math.ceil(opens - time.time()))
                raise error


def _redis(url: str) -> Storage:
    return RedisStorage(
        url, wrap_exceptions=True, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
    )
