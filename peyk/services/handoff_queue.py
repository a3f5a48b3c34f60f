"""The line people wait in: whose turn it is, and how long that takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from peyk.domain.handoff import Handoff, Prepared
from peyk.domain.queues import Queue
from peyk.ports.handoff import Handoffs, Hours
from peyk.services.handoff_rules import MOST_WAITS, WAITS_OF, wait_minutes


class Line:
    """Tells customers where they stand."""

    def __init__(self, handoffs: Handoffs, hours: Callable[[], Hours]) -> None:
        self._handoffs = handoffs
        self._hours = hours

    def place(self, handoff: Handoff, now: datetime, queue: Queue | None = None) -> Prepared:
        """Return place and waiting time in its queue, or in another; nothing is promised while nobody is there."""
        here = replace(handoff, queue=queue) if queue is not None else handoff
        ahead = self._handoffs.ahead_of(here)
        hours = self._hours()
        place = len(ahead) + 1
        if not hours.is_open(now):
            return Prepared(here, place, opens_at=hours.next_opening(now))
        waits = self._handoffs.recent_waits(here.queue, now - WAITS_OF, MOST_WAITS)
        since = [each.requested_at for each in ahead]
        return Prepared(here, place, wait_minutes(waits, since, hours, now))
