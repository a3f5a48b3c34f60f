"""Everything bank and carriers say of some orders, asked side by side inside one deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from peyk.domain.orders import Order, ShipmentRef
from peyk.domain.payments import Payment
from peyk.domain.shipments import Tracking
from peyk.domain.situations import Situation
from peyk.errors import ExternalError, NotFound, NotYet, Unavailable
from peyk.ports.carrier import Carrier
from peyk.ports.clock import Clock
from peyk.ports.payments import PaymentGateway
from peyk.ports.records import TrackingSnapshots
from peyk.services.assess import Rules, assess, awaits_bank
from peyk.services.results import Parcel
from peyk.services.side_by_side import Deadline, Question

log = structlog.get_logger(__name__)

_ANSWERED = (NotFound.kind, NotYet.kind)


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order with what bank and carriers say of it, as in TrackResult."""

    order: Order
    payment: Payment | None
    parcels: tuple[Parcel, ...]
    situation: Situation
    as_of: datetime | None
    carrier_down: bool


def parcels_down(parcels: Iterable[Parcel]) -> bool:
    """Tell whether a carrier of these parcels did not answer just now."""
    return any(parcel.trouble is not None and parcel.trouble not in _ANSWERED for parcel in parcels)


def oldest_news(parcels: Sequence[Parcel], now: datetime) -> datetime | None:
    """Return how old the oldest news is; None when a carrier is down and nothing older is known."""
    if any(parcel.tracking is None and parcels_down([parcel]) for parcel in parcels):
        return None
    return min((parcel.tracking.as_of for parcel in parcels if parcel.tracking is not None), default=now)


class Collector:
    """Asks carriers and bank; keeps the carriers' last good answers."""

    def __init__(
        self,
        carriers: Mapping[str, Carrier],
        payments: PaymentGateway,
        snapshots: TrackingSnapshots,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self._carriers = carriers
        self._payments = payments
        self._snapshots = snapshots
        self._clock = clock
        self._rules = rules

    def collect(
        self, orders: Sequence[Order], deadline: Deadline, *, stage_only: bool = False, insist: bool = True
    ) -> list[OrderFacts]:
        """Return the facts of each order.

        For the stage alone the bank is asked only where nothing true can be said without it. There it
        raises what the bank raised ("not paid" would be a guess) unless `insist` is False: a list of
        orders then has the shop's own word. Elsewhere a bank that is down is no obstacle.
        """
        payments = [
            None if stage_only and not awaits_bank(order) else self._ask_bank(order, deadline) for order in orders
        ]
        questions = [[self.ask(ref, deadline) for ref in _oldest_first(order)] for order in orders]
        return [
            self._facts(
                order, self._payment(order, payment, insist), [self.parcel(ref, question) for ref, question in asked]
            )
            for order, payment, asked in zip(orders, payments, questions, strict=True)
        ]

    def ask(self, ref: ShipmentRef, deadline: Deadline) -> tuple[ShipmentRef, Question[Tracking] | None]:
        """Start asking a parcel's carrier; no question where nobody can be asked."""
        carrier = self._carriers.get(ref.carrier)
        if carrier is None:
            return ref, None
        return ref, deadline.ask(carrier.id, partial(carrier.track, ref.tracking_code))

    def parcel(self, ref: ShipmentRef, question: Question[Tracking] | None) -> Parcel:
        """Wait for the carrier; when it does not answer take its last good answer, marked stale."""
        blank = Parcel(ref.carrier, ref.tracking_code, ref.shipped_at, None, None)
        if question is None:
            return blank
        try:
            tracking = question.answer()
        except (NotFound, NotYet) as exc:
            return replace(blank, trouble=exc.kind)
        except ExternalError as exc:
            log.warning("carrier.failed", carrier=exc.system, kind=exc.kind)
            return replace(blank, tracking=self._last_good(ref), trouble=exc.kind)
        if tracking.stale:
            return replace(blank, tracking=tracking, trouble=Unavailable.kind)
        self._keep(tracking)
        return replace(blank, tracking=tracking)

    def _ask_bank(self, order: Order, deadline: Deadline) -> Question[Payment]:
        return deadline.ask("payments", partial(self._payments.inquire, order.number))

    def _facts(self, order: Order, payment: Payment | None, parcels: list[Parcel]) -> OrderFacts:
        now = self._clock.now()
        return OrderFacts(
            order=order,
            payment=payment,
            parcels=tuple(parcels),
            situation=assess(order, payment, [parcel.tracking for parcel in parcels], now, self._rules),
            as_of=oldest_news(parcels, now),
            carrier_down=parcels_down(parcels),
        )

    def _payment(self, order: Order, asked: Question[Payment] | None, insist: bool) -> Payment | None:
        if asked is None:
            return None
        try:
            return asked.answer()
        except NotFound:
            return None
        except ExternalError as exc:
            log.warning("payments.failed", kind=exc.kind)
            if insist and awaits_bank(order):
                raise
            return None

    def _last_good(self, ref: ShipmentRef) -> Tracking | None:
        try:
            last = self._snapshots.last(ref.carrier, ref.tracking_code)
        except ExternalError as exc:
            log.warning("snapshots.failed", kind=exc.kind)
            return None
        return replace(last, stale=True) if last else None

    def _keep(self, tracking: Tracking) -> None:
        # A store that cannot keep the answer is no reason to withhold it.
        try:
            self._snapshots.save(tracking)
        except ExternalError as exc:
            log.warning("snapshots.failed", kind=exc.kind)


def _oldest_first(order: Order) -> list[ShipmentRef]:
    return sorted(order.shipments, key=lambda ref: ref.shipped_at)
