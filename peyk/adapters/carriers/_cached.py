"""A carrier that is not asked again while its last answer is still fresh: how long depends on what it said."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from peyk.domain.shipments import DeliveryStatus, Tracking
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet
from peyk.ports.carrier import Carrier
from peyk.ports.clock import Clock
from peyk.ports.records import TrackingSnapshots

log = structlog.get_logger(__name__)

# Nothing more comes after these, but a vendor may mend a mistake.
DONE = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.CANCELLED})
FRESH_DONE = timedelta(days=1)
MISSES = 10_000
# A label that was just made becomes a parcel at any moment: a miss is kept for this long at the most.
FRESH_MISS = timedelta(minutes=10)


class CachedCarrier:
    """Answers from the last good answer while it is fresh; it carries the time it was given at.

    What a carrier does not know, or answers unreadably, is remembered too, in the process and for a shorter time, so
    that a customer who asks again and again is no load for it.
    """

    def __init__(
        self,
        inner: Carrier,
        snapshots: TrackingSnapshots,
        clock: Clock,
        fresh: timedelta,
        by_status: Mapping[DeliveryStatus, timedelta] | None = None,
    ) -> None:
        """Wrap a carrier whose answers are fresh for `fresh`, or as `by_status` says."""
        self.id = inner.id
        self._inner = inner
        self._snapshots = snapshots
        self._clock = clock
        self._fresh = fresh
        self._fresh_miss = min(fresh, FRESH_MISS)
        self._by_status = {**dict.fromkeys(DONE, max(fresh, FRESH_DONE)), **(by_status or {})}
        self._lock = threading.Lock()
        self._misses: OrderedDict[str, tuple[type[ExternalError], datetime]] = OrderedDict()

    def recognises(self, code: str) -> bool:
        """Tell whether `code` has the shape of this carrier's codes."""
        return self._inner.recognises(code)

    def page(self, code: str) -> str:
        """Return the page where people see a parcel for themselves; no I/O."""
        return self._inner.page(code)

    def track(self, code: str) -> Tracking:
        """Return a fresh answer, the carrier's or its last one."""
        now = self._clock.now()
        missed = self._missed(code, now)
        if missed is not None:
            raise missed(self.id, "asked not long ago")
        kept = self._kept(code)
        if kept is not None and now - kept.as_of < self._by_status.get(kept.status, self._fresh):
            return replace(kept, kept=True)
        try:
            return self._inner.track(code)
        except (NotFound, NotYet) as exc:
            self._remember(code, type(exc), now)
            raise
        except (BadAnswer, AccessRefused) as exc:
            # Every card that stays open looks again and again. Subclasses say more than is remembered.
            self._remember(code, BadAnswer if isinstance(exc, BadAnswer) else AccessRefused, now)
            raise

    def _kept(self, code: str) -> Tracking | None:
        # A store that cannot be read is no reason not to ask.
        try:
            return self._snapshots.last(self.id, code)
        except ExternalError as exc:
            log.warning("snapshots.failed", kind=exc.kind)
            return None

    def _missed(self, code: str, now: datetime) -> type[ExternalError] | None:
        with self._lock:
            kind, at = self._misses.get(code, (None, now))
            return kind if now - at < self._fresh_miss else None

    def _remember(self, code: str, kind: type[ExternalError], now: datetime) -> None:
        with self._lock:
            self._misses[code] = (kind, now)
            self._misses.move_to_end(code)
            if len(self._misses) > MISSES:
                self._misses.popitem(last=False)
