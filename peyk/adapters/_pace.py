"""How often a vendor may be asked: its limits, kept by us before it has to remind us.

With Redis all processes share one count; without, and while Redis is away, each counts for itself.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import structlog
from limits import parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter

from peyk.errors import RateLimited, SettingsError

log = structlog.get_logger(__name__)

REDIS_TIMEOUT_S = 1.0
EXAMPLE = "1/5 second; 250/day"
# A customer waits, and after the turn the vendor wants its time too.
PATIENCE_S, PATIENCE_SHARE = 2.0, 0.25
# A place is still taken at the very moment its window ends.
_MARGIN_S = 0.01


class UsedUp(RateLimited):
    """What we may ask of a system is used up for now: our own limit, our places, its quota; or its pause lasts.

    It says nothing of how the system is.
    """


def patience_s(deadline_s: float) -> float:
    """Return how long a turn may be waited for within a deadline."""
    return min(PATIENCE_S, PATIENCE_SHARE * deadline_s)


class Pace:
    """The limits of one vendor, such as `1/5 second; 250/day`; empty means none."""

    def __init__(
        self,
        system: str,
        limits: str,
        redis_url: str = "",
        *,
        what: str = "",
        wait_s: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Read the limits; Redis is not asked yet. `what` is counted apart from all else. Raises SettingsError.

        `wait_s` is how long a call waits, in its own thread, for a turn that comes so soon.
        """
        self._system = system
        self._key = f"{system} {what}".rstrip()
        try:
            self._limits = sorted(parse_many(limits), reverse=True) if limits.strip() else []
        except ValueError:
            raise SettingsError(f"the limits of {system} must look like `{EXAMPLE}`") from None
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_redis(redis_url)) if redis_url and self._limits else self._own
        self._lock = threading.Lock()
        self._wait_s, self._sleep, self._now = wait_s, sleep, now

    def take(self) -> None:
        """Take a place for one call. Raises UsedUp, with the wait, where none is free soon enough."""
        left_s = self._wait_s
        while (free_in_s := self._try()) > 0:
            if free_in_s > left_s:
                error = UsedUp(self._system, "our own limit for it is used up")
                error.retry_after_s = max(1, math.ceil(free_in_s))
                raise error
            # Whoever waits too may be faster: then the wait goes on, or ends here.
            left_s -= free_in_s
            self._sleep(free_in_s)

    def _try(self) -> float:
        """Take a place and return 0, or return in how many seconds one is free."""
        if not self._limits:
            return 0.0
        with self._lock:
            try:
                return self._taken(self._shared)
            except StorageError:
                log.warning("pace.counted_alone", system=self._system)
                return self._taken(self._own)

    def _taken(self, limiter: MovingWindowRateLimiter) -> float:
        # All are looked at before one is counted: a call that is not made must spend no place of the day.
        for look in (limiter.test, limiter.hit):
            for limit in self._limits:
                if not look(limit, self._key):
                    opens = limiter.get_window_stats(limit, self._key).reset_time
                    return max(0.0, opens - self._now()) + _MARGIN_S
        return 0.0


def _redis(url: str) -> Storage:
    return RedisStorage(
        url, wrap_exceptions=True, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
    )
