"""How long customers have waited for a person, and what colour that has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from peyk.domain.conversations import Owner
from peyk.domain.handoff import Waiting
from peyk.domain.office_hours import OfficeHours
from peyk.domain.queues import Queue
from peyk.domain.sla import Colour

# Working time until somebody should have answered.
TARGETS: Mapping[Queue, timedelta] = {
    Queue.VIP: timedelta(minutes=3),
    Queue.SECURITY: timedelta(minutes=5),
    Queue.L1: timedelta(minutes=10),
    Queue.L2: timedelta(minutes=30),
}
SOON = 0.5


def waits_since(waiting: Waiting) -> datetime | None:
    """Return since when the customer waits; None: it is the customer's turn."""
    if waiting.ownership.owner is Owner.AGENT:
        return waiting.last_entry_at if waiting.unread else None
    return waiting.ownership.since or waiting.handoff.requested_at


def colour(waiting: Waiting, hours: OfficeHours, now: datetime) -> Colour:
    """Return how long that is against what a shop should manage; outside office hours no time passes."""
    since = waits_since(waiting)
    if since is None:
        return Colour.STOPPED
    share = hours.working_between(since, now) / TARGETS[waiting.handoff.queue]
    if share >= 1:
        return Colour.DUE
    return Colour.SOON if share >= SOON else Colour.OK


def minutes(waiting: Waiting, now: datetime) -> int:
    """Return for how many minutes the customer has waited."""
    since = waits_since(waiting)
    return max(0, int((now - since).total_seconds() // 60)) if since else 0
