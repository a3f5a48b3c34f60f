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
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet, RateLimited, Unavailable
from peyk.ports.carrier import Carrier
from peyk.ports.clock import Clock
from peyk.ports.payments import PaymentGateway
from peyk.ports.records import TrackingSnapshots
from peyk.services.assess import Rules, assess, awaits_bank
from peyk.services.last_good import LastGood
from peyk.services.results import Parcel
from peyk.services.side_by_side import Deadline, Question

log = structlog.get_logger(__name__)

_TROUBLES = (Unavailable.kind, RateLimited.kind, BadAnswer.kind, AccessRefused.kind)


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order with what bank and carriers say of it, as in TrackResult."""

    order: Order
    payment: Payment | None
    parcels: tuple[Parcel, ...]
    situation: Situation
    as_of: datetime | None
    carrier_trouble: str | None


def trouble_told(parcels: Iterable[Parcel]) -> str | None:
    """Return the kind of ExternalError the carriers of these parcels answered with just now, None where all are well.

    Of several kinds it is the one that is over soonest.
    """
    kinds = {parcel.trouble for parcel in parcels}
    return next((kind for kind in _TROUBLES if kind in kinds), None)


def oldest_news(parcels: Sequence[Parcel], now: datetime) -> datetime | None:
    """Return how old the oldest news is; None when a carrier is down and nothing older is known."""
    if any(parcel.tracking is None and trouble_told([parcel]) for parcel in parcels):
        return None
    return min((parcel.tracking.as_of for parcel in parcels if parcel.tracking is not None), default=now)


def in_parts(parcel: Parcel) -> list[Parcel]:
    """Return the parcels of one waybill, each for itself, where they are not all in the same state; else the one."""
    whole = parcel.tracking
    if whole is None or len({part.status for part in whole.parts}) < 2:
        return [parcel]
    return [replace(parcel, code=part.code, tracking=replace(part, stale=whole.stale)) for part in whole.parts]


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
        self._last_good = LastGood(snapshots)
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
        carrier = self._carriers.get(ref.carrier)
        page = carrier.page(ref.tracking_code) if carrier else ""
        blank = Parcel(ref.carrier, ref.tracking_code, ref.shipped_at, None, None, page)
        if question is None:
            return blank
        try:
            tracking = question.answer()
        except (NotFound, NotYet) as exc:
            return replace(blank, trouble=exc.kind)
        except ExternalError as exc:
            log.warning("carrier.failed", carrier=exc.system, kind=exc.kind)
            return replace(blank, tracking=self._last_good.of(ref), trouble=exc.kind)
        if tracking.stale:
            return replace(blank, tracking=tracking, trouble=Unavailable.kind)
        if not tracking.kept:
            self._last_good.keep(tracking)
        return replace(blank, tracking=tracking)

    def _ask_bank(self, order: Order, deadline: Deadline) -> Question[Payment]:
        return deadline.ask("payments", partial(self._payments.inquire, order.number))

    def _facts(self, order: Order, payment: Payment | None, parcels: list[Parcel]) -> OrderFacts:
        now = self._clock.now()
        parcels = [part for parcel in parcels for part in in_parts(parcel)]
        return OrderFacts(
            order=order,
            payment=payment,
            parcels=tuple(parcels),
            situation=assess(order, payment, [parcel.tracking for parcel in parcels], now, self._rules),
            as_of=_oldest(order.as_of, oldest_news(parcels, now)),
            carrier_trouble=trouble_told(parcels),
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


def _oldest(shop: datetime | None, carriers: datetime | None) -> datetime | None:
    """Return the age of an answer: an order the shop could not be asked about is as old as its last word."""
    return carriers if shop is None or carriers is None else min(shop, carriers)


def _oldest_first(order: Order) -> list[ShipmentRef]:
    return sorted(order.shipments, key=lambda ref: ref.shipped_at)
