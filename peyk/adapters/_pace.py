"""How often a vendor may be asked: its limits, kept by us before it has to remind us.

What is counted by the hour or longer is kept in the store, for all processes and over restarts. Of shorter windows all
processes share one count with Redis; without, and while either is away, each counts for itself.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence

import structlog
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter

from peyk.errors import RateLimited, SettingsError, Throttled, Unavailable
from peyk.ports.records import PACE_SCOPE, Limiter, Window

log = structlog.get_logger(__name__)

REDIS_TIMEOUT_S = 1.0
EXAMPLE = "1/5 second; 250/day"
# From an hour on a count must outlive the process: what a vendor counts by the day does not begin anew with us.
BUDGET_S = 3600
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
        limiter: Limiter | None = None,
        wait_s: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Read the limits; Redis is not asked yet. `what` is counted apart from all else. Raises SettingsError.

        `limiter` counts what is allowed in an hour or longer; without one that is counted like the rest. `wait_s` is
        how long a call waits, in its own thread, for a turn that comes so soon.
        """
        self._system = system
        self._key = f"{system} {what}".rstrip()
        try:
            every = sorted(parse_many(limits), reverse=True) if limits.strip() else []
        except ValueError:
            raise SettingsError(f"the limits of {system} must look like `{EXAMPLE}`") from None
        self._limiter = limiter
        self._budget = [limit for limit in every if limiter is not None and limit.get_expiry() >= BUDGET_S]
        self._limits = [limit for limit in every if limit not in self._budget]
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
        with self._lock:
            try:
                free_in_s = self._taken(self._shared, self._limits)
            except StorageError:
                log.warning("pace.counted_alone", system=self._system)
                free_in_s = self._taken(self._own, self._limits)
        # Last: a call that is not made must spend no place of the day.
        return free_in_s or self._spend()

    def _spend(self) -> float:
        """Take a place of the budget and return 0, or return in how many seconds one is free."""
        if self._limiter is None or not self._budget:
            return 0.0
        windows = [
            Window(f"{PACE_SCOPE}{limit.get_expiry()}", self._key, limit.amount, limit.get_expiry())
            for limit in self._budget
        ]
        try:
            self._limiter.hit(windows)
        except Throttled as exc:
            return float(exc.retry_after_s)
        except Unavailable:
            log.warning("pace.counted_alone", system=self._system)
            with self._lock:
                return self._taken(self._own, self._budget)
        return 0.0

    def _taken(self, limiter: MovingWindowRateLimiter, limits: Sequence[RateLimitItem]) -> float:
        # All are looked at before one is counted.
        for look in (limiter.test, limiter.hit):
            for limit in limits:
                if not look(limit, self._key):
                    opens = limiter.get_window_stats(limit, self._key).reset_time
                    return max(0.0, opens - self._now()) + _MARGIN_S
        return 0.0


def _redis(url: str) -> Storage:
    return RedisStorage(
        url, wrap_exceptions=True, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
    )
