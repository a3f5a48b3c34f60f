"""The clocks of tickets: what each queue promises, reckoned in the shop's office hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from peyk.domain.office_hours import OfficeHours
from peyk.domain.queues import Queue
from peyk.domain.sla import Colour, Target, colour
from peyk.domain.tickets import Clocks, Ticket
from peyk.ports.clock import Clock
from peyk.services.office_hours import hours_of, plan_of
from peyk.settings import Settings


class Sla:
    """Starts clocks and tells how they stand."""

    def __init__(self, settings: Settings, clock: Clock, hours: Callable[[], OfficeHours] | None = None) -> None:
        """Reckon in `hours`, or without any in those of the settings."""
        self._targets = {queue: _target(getattr(settings, f"sla_{queue.value}")) for queue in Queue}
        self._clock = clock
        self.hours = hours or (lambda: hours_of(plan_of(settings), clock))

    def clocks(self, queue: Queue) -> Clocks:
        """Return when first answer and solution are due for who begins to wait now."""
        return self._targets[queue].clocks(self.hours(), self._clock.now())

    def colours(self, tickets: list[Ticket]) -> list[Colour]:
        """Return how each ticket's clocks stand."""
        hours, now = self.hours(), self._clock.now()
        return [colour(ticket, hours, now) for ticket in tickets]


def _target(minutes: str) -> Target:
    first, solution = (timedelta(minutes=int(part)) for part in minutes.split("/"))
    return Target(first, solution)
