"""Prices that are not asked for again while they are fresh, and no more often than the vendor allows."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from peyk.adapters._pace import Pace
from peyk.domain.shipping import ShippingQuote
from peyk.errors import NotFound
from peyk.ports.clock import Clock
from peyk.ports.quotes import ShippingQuotes

# A vendor's prices change a few times a year.
FRESH = timedelta(hours=1)
KEPT = 5_000

Asked = tuple[str, int, int | None]


class KeptQuotes:
    """Answers from the last good answer to the same question; it says when it was given."""

    def __init__(self, inner: ShippingQuotes, pace: Pace, clock: Clock, fresh: timedelta = FRESH) -> None:
        self.system = inner.system
        self._inner = inner
        self._pace = pace
        self._clock = clock
        self._fresh = fresh
        self._lock = threading.Lock()
        # None: the vendor has no way there.
        self._kept: OrderedDict[Asked, tuple[datetime, list[ShippingQuote] | None]] = OrderedDict()

    def quotes(self, city: str, weight_g: int, basket_rial: int | None = None) -> list[ShippingQuote]:
        """Return fresh prices. Raises what the port says."""
        asked, now = (city, weight_g, basket_rial), self._clock.now()
        with self._lock:
            at, found = self._kept.get(asked, (now - self._fresh, None))
        if now - at < self._fresh:
            if found is None:
                raise NotFound(self.system, "asked not long ago")
            return found
        self._pace.take()
        try:
            found = self._inner.quotes(city, weight_g, basket_rial)
        except NotFound:
            self._keep(asked, now, None)
            raise
        self._keep(asked, now, found)
        return found

    def _keep(self, asked: Asked, now: datetime, found: list[ShippingQuote] | None) -> None:
        with self._lock:
            self._kept[asked] = (now, found)
            self._kept.move_to_end(asked)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
