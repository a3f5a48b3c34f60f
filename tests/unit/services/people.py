"""The hand-off as actions see it: nobody is there unless the test says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from peyk.domain.conversations import Caller
from peyk.domain.handoff import Handoff, HandoffReason, Packet, Prepared
from peyk.domain.queues import Priority, Queue
from peyk.ports.clock import Clock
from peyk.ports.journal import Journal
from peyk.ports.orders import OrderSource
from peyk.ports.records import Records
from peyk.services.handoff import HandOff
from peyk.services.handoff_triggers import Triggers
from peyk.settings import Settings


@dataclass
class FakePeople:
    """Keeps what was handed over; the real triggers decide what is."""

    triggers: Triggers
    clock: Clock
    there: bool = False
    error: Exception | None = None
    place: int = 2
    wait_minutes: int | None = None
    prepared: list[dict[str, Any]] = field(default_factory=list)

    def available(self) -> bool:
        return self.there

    def prepare(
        self,
        caller: Caller,
        reason: HandoffReason,
        *,
        order_number: str | None = None,
        words: str = "",
        tried: Sequence[str] = (),
        ticket_number: str | None = None,
    ) -> Prepared | None:
        if self.error:
            raise self.error
        if not self.there or not self.triggers.wants(reason):
            return None
        self.prepared.append(
            {"reason": reason, "order": order_number, "words": words, "tried": tried, "ticket": ticket_number}
        )
        here = caller.conversation_id
        handoff = Handoff(1, here, reason, Queue.L1, Priority.NORMAL, self.clock.now(), Packet())
        return Prepared(handoff, self.place, self.wait_minutes)

    @property
    def reasons(self) -> list[HandoffReason]:
        return [each["reason"] for each in self.prepared]


def people(orders: OrderSource, records: Records, clock: Clock, settings: Settings) -> FakePeople:
    """Return people who are not there yet; the journal, which only counts angry words, is not asked."""
    journal = cast(Journal, None)
    triggers = Triggers(journal=journal, orders=orders, records=records, clock=clock, settings=settings)
    return FakePeople(triggers, clock)


def as_service(fake: FakePeople) -> HandOff:
    """Return the fake where the service is asked for."""
    return cast(HandOff, fake)
