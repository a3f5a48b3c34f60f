"""The hand-off service over a real store, with people and office hours as the test wants them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from peyk.ports.clock import Clock
from peyk.services import HandOff, TrackOrder
from peyk.settings import Settings
from peyk.store.handoff import StoredHandoffs
from peyk.store.journal import StoredJournal
from peyk.store.records import make_records
from tests.unit.services.fakes import RULES, FakeOrders, FakePayments

SECRET = "s" * 40


@dataclass
class FakeDesk:
    """People by their ids; nobody is there unless the test says so."""

    names: dict[str, str] = field(default_factory=dict)
    there: bool = False

    def anybody(self) -> bool:
        return self.there

    def name(self, agent_id: str) -> str:
        return self.names.get(agent_id, "")


@dataclass
class FakeHours:
    """Open unless told otherwise; what was open in the past was so, too."""

    closed_until: datetime | None = None
    opened_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        return (self.closed_until is None or at >= self.closed_until) and (
            self.opened_at is None or at >= self.opened_at
        )

    def next_opening(self, at: datetime) -> datetime:
        return max(at, self.closed_until or at)


def hand_off(
    engine: Engine,
    clock: Clock,
    settings: Settings,
    desk: FakeDesk,
    *,
    hours: FakeHours | None = None,
    orders: FakeOrders | None = None,
) -> HandOff:
    """Return the service."""
    records = make_records(engine, clock, SECRET)
    shop = orders or FakeOrders()
    tracking = TrackOrder(
        orders=shop,
        carriers={},
        payments=FakePayments(),
        records=records,
        clock=clock,
        settings=settings,
        rules=RULES,
    )
    open_hours = hours or FakeHours()
    return HandOff(
        handoffs=StoredHandoffs(engine),
        journal=StoredJournal(engine),
        desk=desk,
        hours=lambda: open_hours,
        orders=shop,
        tracking=tracking,
        records=records,
        clock=clock,
        settings=settings,
    )
