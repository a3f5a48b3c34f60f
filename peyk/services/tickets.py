"""Tickets for the people in the shop: open one, tell how they stand.

Anybody may ask for a person or complain. A ticket about an order acts on it, so it needs the proof
of the order's mobile; without it the answer is the same whether the order exists or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from peyk.domain.conversations import Caller
from peyk.domain.identity import Verification
from peyk.domain.orders import Order
from peyk.domain.tickets import Ticket, TicketReason
from peyk.domain.triage import place
from peyk.errors import ExternalError, NotFound, PeykError
from peyk.logging import mask
from peyk.ports.clock import Clock
from peyk.ports.helpdesk import Helpdesk
from peyk.ports.orders import OrderSource
from peyk.ports.records import Records
from peyk.services.files import Files
from peyk.services.find import Ambiguous, OrderFinder
from peyk.services.limits import Guesses
from peyk.services.side_by_side import Deadline
from peyk.services.sla import Sla
from peyk.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")

OPEN_TO_ALL = frozenset({TicketReason.TALK_TO_HUMAN, TicketReason.GENERAL, TicketReason.COMPLAINT})
NOTE_MAX_CHARS = 1000


class NotVerified(PeykError):
    """The ticket needs the proof of the order's mobile, and this conversation does not have it."""


class OpenTicket:
    """Opens tickets, once per order and reason, and tells how they stand."""

    def __init__(
        self,
        *,
        helpdesk: Helpdesk,
        orders: OrderSource,
        records: Records,
        clock: Clock,
        settings: Settings,
        sla: Sla | None = None,
        files: Files | None = None,
    ) -> None:
        """Without an `sla` the clocks run in the office hours of the settings."""
        self._helpdesk = helpdesk
        self._files = files
        self._orders = orders
        self._records = records
        self._clock = clock
        self._settings = settings
        self._sla = sla or Sla(settings, clock)
        self._guesses = Guesses(records.limiter, settings)
        self._finder = OrderFinder(orders, settings.order_format)

    def open(self, caller: Caller, reason: TicketReason, order_number: str | None = None, note: str = "") -> Ticket:
        """Open a ticket, or return the unresolved one of the same order and reason.

        For TALK_TO_HUMAN, GENERAL and COMPLAINT an order that is not the proven customer's is left
        out, and a shop that is down is no obstacle. Raises NotVerified, NotFound (no such order),
        Throttled (too many such), or ExternalError.
        """
        proof = self._records.verifications.current(caller.conversation_id, self._clock.now())
        if proof is None:
            if reason not in OPEN_TO_ALL:
                raise NotVerified(reason.value)
            return self._open(caller, reason, None, note, None, vip=False)
        if reason in OPEN_TO_ALL:
            order = self._own_order_if_any(caller, proof, order_number)
        else:
            order = self._own_order(caller, proof, order_number) if order_number else None
        vip = order.vip if order else self._is_vip(proof.mobile)
        return self._open(caller, reason, order, note, proof.mobile, vip=vip)

    def status(self, caller: Caller) -> list[Ticket]:
        """Return the newest tickets of this conversation and of the mobile it has proven."""
        proof = self._records.verifications.current(caller.conversation_id, self._clock.now())
        mobile = proof.mobile if proof else None
        found = self._helpdesk.tickets_of(conversation_id=caller.conversation_id, mobile=mobile)
        for ticket in found:
            self._audit(caller, "ticket.shown", ticket, mobile)
        return found

    def _open(
        self, caller: Caller, reason: TicketReason, order: Order | None, note: str, mobile: str | None, *, vip: bool
    ) -> Ticket:
        queue, priority = place(reason, vip=vip)
        ticket = self._helpdesk.open(
            conversation_id=caller.conversation_id,
            reason=reason,
            order_number=order.number if order else None,
            mobile=mobile,
            note=note[:NOTE_MAX_CHARS],
            priority=priority,
            queue=queue,
            clocks=self._sla.clocks(queue),
        )
        if ticket.created_now:
            log.info("ticket.opened", ticket=ticket.number, reason=reason.value, order=ticket.order_number)
            self._audit(caller, "ticket.opened", ticket, mobile)
        if self._files is not None:
            # Again for a ticket that was there: an earlier call may have died between the two.
            self._files.attach_earlier(caller.conversation_id, ticket.number)
        return ticket

    def _own_order(self, caller: Caller, proof: Verification, number: str) -> Order:
        limit = self._guesses.reached(caller)
        try:
            order = self._ask(lambda: self._finder.find(number, proof.mobile))
        except Ambiguous:
            raise limit or self._guesses.miss(caller) or NotFound("shop", "several orders end alike") from None
        except NotFound:
            raise limit or self._guesses.miss(caller) or NotFound("shop") from None
        if order.mobile != proof.mobile:
            raise limit or self._guesses.found(caller, order.number) or NotVerified("not the order's mobile")
        return order

    def _own_order_if_any(self, caller: Caller, proof: Verification, number: str | None) -> Order | None:
        if not number:
            return None
        try:
            return self._own_order(caller, proof, number)
        except PeykError:
            return None

    def _is_vip(self, mobile: str) -> bool:
        try:
            return any(order.vip for order in self._ask(lambda: self._orders.by_mobile(mobile)))
        except ExternalError:
            return False

    def _ask(self, call: Callable[[], T]) -> T:
        return Deadline(self._settings.deadline_s).ask("shop", call).answer()

    def _audit(self, caller: Caller, event: str, ticket: Ticket, mobile: str | None) -> None:
        self._records.audit.append(
            at=self._clock.now(),
            conversation_id=caller.conversation_id,
            event=event,
            subject=ticket.number,
            detail={
                "reason": ticket.reason.value,
                "order": ticket.order_number or "",
                "mobile": mask(mobile) if mobile else "",
            },
        )
