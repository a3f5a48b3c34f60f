"""A carrier that is asked no more often than it allows, and not at all while it wants a pause."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from peyk.adapters._pace import Pace, UsedUp
from peyk.domain.shipments import Tracking
from peyk.errors import RateLimited
from peyk.ports.carrier import Carrier
from peyk.ports.clock import Clock

# Where it does not say how long, each refusal in a row doubles the pause.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1, 60
# Whatever an adapter makes of what the carrier has said (`Http` takes an hour at most).
LONGEST_ASKED_S = 24 * 3600


class PacedCarrier:
    """Takes a place before every call, and keeps silent for as long as the carrier's last refusal asked."""

    def __init__(self, inner: Carrier, pace: Pace, clock: Clock) -> None:
        self.id = inner.id
        self._inner = inner
        self._pace = pace
        self._clock = clock
        self._lock = threading.Lock()
        self._silent_until: datetime | None = None
        self._refusals = 0

    def recognises(self, code: str) -> bool:
        """Tell whether `code` has the shape of this carrier's codes."""
        return self._inner.recognises(code)

    def page(self, code: str) -> str:
        """Return the page where people see a parcel for themselves; no I/O."""
        return self._inner.page(code)

    def track(self, code: str) -> Tracking:
        """Return what the carrier says now. Raises RateLimited, with the wait, while it must not be asked."""
        self._wait_is_over()
        self._pace.take()
        # While the turn was waited for, somebody else may have been refused.
        self._wait_is_over()
        try:
            found = self._inner.track(code)
        except UsedUp:
            # A quota for new codes, say: it has asked for no pause.
            raise
        except RateLimited as exc:
            self._keep_silent(exc)
            raise
        self._refusals = 0
        return found

    def _wait_is_over(self) -> None:
        until, now = self._silent_until, self._clock.now()
        if until is not None and now < until:
            error = UsedUp(self.id, "it asked for a pause that is not over")
            error.retry_after_s = max(1, round((until - now).total_seconds()))
            raise error

    def _keep_silent(self, refused: RateLimited) -> None:
        with self._lock:
            self._refusals += 1
            pause_s = refused.retry_after_s or min(FIRST_PAUSE_S * 2 ** min(self._refusals - 1, 10), LONGEST_PAUSE_S)
            self._silent_until = self._clock.now() + timedelta(seconds=min(pause_s, LONGEST_ASKED_S))
