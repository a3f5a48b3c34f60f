"""What happens to tickets by itself: escalation, "did it help?", and what was written but not said.

`tick` may be called by any number of processes at any time: every step is taken on the row, once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from peyk.domain import ticket_steps as steps
from peyk.domain.follow_up import by_day, next_day_time, too_late
from peyk.domain.ticket_steps import Decide
from peyk.domain.tickets import CUSTOMER, Ticket
from peyk.errors import ExternalError
from peyk.ports.records import AuditLog
from peyk.ports.tickets import Tickets
from peyk.services.sla import Sla
from peyk.services.ticket_words import TicketWords

log = structlog.get_logger(__name__)

AT_A_TIME = 100
# While a person has the conversation it is not asked whether the last one helped.
ASK_AGAIN_AFTER = timedelta(hours=1)


class TicketTimers:
    """The clocks of tickets, seen to now and then."""

    def __init__(self, *, tickets: Tickets, words: TicketWords, sla: Sla, audit: AuditLog, follow_ups: bool) -> None:
        self._tickets = tickets
        self._words = words
        self._sla = sla
        self._audit = audit
        self._follow_ups = follow_ups

    def tick(self, now: datetime) -> None:
        """Do what is due. One part that fails does not keep the others; it is done at the next tick."""
        parts: list[Callable[[datetime], None]] = [self._tell, self._go_on, self._escalate]
        if self._follow_ups:
            parts.append(self._ask)
        for part in parts:
            try:
                part(now)
            except ExternalError as exc:
                log.warning("tickets.tick_failed", part=part.__name__, error=str(exc))

    def _tell(self, _now: datetime) -> None:
        self._words.tell_the_rest()

    def _go_on(self, now: datetime) -> None:
        for number in self._tickets.customer_wrote(limit=AT_A_TIME):
            self._tickets.change(number, steps.go_on(CUSTOMER, self._sla.hours(), now), now)

    def _escalate(self, now: datetime) -> None:
        for number in self._tickets.overdue(now, limit=AT_A_TIME):
            ticket = self._once(number, steps.escalate(now), now)
            if ticket is None:
                continue
            log.warning("ticket.escalated", ticket=number, clock=ticket.escalated_for, queue=ticket.queue.value)
            self._audit.append(
                at=now,
                conversation_id=ticket.conversation_id,
                event="ticket.escalated",
                subject=number,
                detail={"clock": ticket.escalated_for or "", "queue": ticket.queue.value},
            )

    def _ask(self, now: datetime) -> None:
        zone = self._sla.hours().timezone
        for ticket in self._tickets.follow_ups(now, limit=AT_A_TIME):
            if too_late(ticket.resolved_at or now, now):
                self._once(ticket.number, steps.followed_up(now), now)
            elif not by_day(now, zone):
                self._tickets.change(ticket.number, steps.put_off(next_day_time(now, zone)), now)
            else:
                self._ask_one(ticket, now)

    def _ask_one(self, ticket: Ticket, now: datetime) -> None:
        asked = self._words.ask_whether_it_helped(ticket)
        if asked is False:
            self._tickets.change(ticket.number, steps.put_off(now + ASK_AGAIN_AFTER), now)
        else:
            self._once(ticket.number, steps.followed_up(now, gone=asked is None), now)

    def _once(self, number: str, decide: Decide, now: datetime) -> Ticket | None:
        """Take a step; return the ticket if it was this process that took it."""
        changed = self._tickets.change(number, decide, now)
        return changed.ticket if changed and changed.taken else None
