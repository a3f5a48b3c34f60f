"""A parcel by its tracking code alone: what anybody may know who holds the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from peyk.domain.orders import Order, ShipmentRef
from peyk.domain.shipments import DeliveryStatus, Tracking, TrackingEvent
from peyk.domain.situations import Situation
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet, RateLimited, Unavailable
from peyk.ports.carrier import Carrier
from peyk.ports.clock import Clock
from peyk.ports.orders import OrderSource
from peyk.services.assess import Rules, assess_parcel
from peyk.services.collect import Collector, in_parts, oldest_news, trouble_told
from peyk.services.results import Parcel, TrackOutcome, TrackResult
from peyk.services.side_by_side import Deadline
from peyk.text.digits import to_ascii_digits

_FAILURES: dict[str, type[ExternalError]] = {
    failure.kind: failure for failure in (NotFound, Unavailable, BadAnswer, RateLimited, AccessRefused)
}
# In these nobody is met yet: any other scan may be worded with a name, a place, or what was said at the door.
_IMPERSONAL = frozenset(
    {DeliveryStatus.PENDING, DeliveryStatus.PICKED_UP, DeliveryStatus.IN_TRANSIT, DeliveryStatus.DELIVERY_DELAYED}
)
# Of several carriers that know the shape of a code the most telling answer counts.
_TELLING = (
    None,
    NotYet.kind,
    RateLimited.kind,
    BadAnswer.kind,
    AccessRefused.kind,
    Unavailable.kind,
    NotFound.kind,
)


@dataclass(frozen=True, slots=True)
class FoundCode:
    """The answer, the code in its one form, and whose order the parcel belongs to (both for limits only)."""

    result: TrackResult
    code: str
    owner_mobile: str | None


class CodeLookup:
    """Asks every carrier that knows the shape of a code, and the shop whose order it is, side by side."""

    def __init__(
        self,
        orders: OrderSource,
        carriers: Mapping[str, Carrier],
        collector: Collector,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self._orders = orders
        self._carriers = carriers
        self._collector = collector
        self._clock = clock
        self._rules = rules

    def find(self, code: str, deadline: Deadline) -> FoundCode:
        """Return the parcel of `code`, or that it is not on its way yet. Raises an ExternalError for all else.

        Where several carriers know a parcel of that code, and the shop does not say whose it is, all of them are told.
        """
        code = "".join(to_ascii_digits(code).upper().split())
        now = self._clock.now()
        asked = [
            self._collector.ask(ShipmentRef(carrier.id, code, now), deadline)
            for carrier in self._carriers.values()
            if carrier.recognises(code)
        ]
        owner = deadline.ask("shop", lambda: self._orders.by_tracking_code(code))
        parcels = [self._collector.parcel(ref, question) for ref, question in asked]
        order, shop_trouble = _answer_of_shop(owner.answer)
        chosen = self._choose(parcels, order, code, deadline)
        if not chosen:
            raise shop_trouble or NotFound("carriers")
        if chosen[0].tracking is None:
            # The shop has handed the parcel over: the carrier does not know it yet.
            known = order is not None and chosen[0].trouble == NotFound.kind
            trouble = NotYet.kind if known else chosen[0].trouble or NotYet.kind
            if trouble != NotYet.kind:
                failure = _FAILURES[trouble](chosen[0].carrier)
                failure.page = chosen[0].page
                raise failure
            result = TrackResult(TrackOutcome.NOT_YET, scope=chosen[0].carrier, page=chosen[0].page)
        else:
            result = self._result([part for parcel in chosen for part in in_parts(parcel)], order)
        return FoundCode(result, code, order.mobile if order else None)

    def _choose(self, parcels: list[Parcel], order: Order | None, code: str, deadline: Deadline) -> list[Parcel]:
        ref = next((ref for ref in order.shipments if ref.tracking_code == code), None) if order else None
        if ref is None:
            found = [parcel for parcel in parcels if parcel.tracking is not None]
            return found or sorted(parcels, key=lambda parcel: _TELLING.index(parcel.trouble))[:1]
        for parcel in parcels:
            if parcel.carrier == ref.carrier:
                return [parcel]
        return [self._collector.parcel(*self._collector.ask(ref, deadline))]

    def _result(self, parcels: list[Parcel], order: Order | None) -> TrackResult:
        now = self._clock.now()
        stages = {self._situation(parcel.tracking, order) for parcel in parcels if parcel.tracking}
        return TrackResult(
            TrackOutcome.FOUND,
            situation=stages.pop() if len(stages) == 1 else Situation.SPLIT,
            parcels=tuple(
                replace(parcel, tracking=without_persons(parcel.tracking), shipped_at=None)
                for parcel in parcels
                if parcel.tracking
            ),
            as_of=oldest_news(parcels, now),
            carrier_trouble=trouble_told(parcels),
        )

    def _situation(self, tracking: Tracking, order: Order | None) -> Situation:
        if tracking.status is DeliveryStatus.CANCELLED:
            return Situation.CANCELLED
        return assess_parcel(tracking, order.promised_at if order else None, self._clock.now(), self._rules)


def _answer_of_shop(answer: Callable[[], Order]) -> tuple[Order | None, ExternalError | None]:
    try:
        return answer(), None
    except ExternalError as exc:
        return None, exc


def without_persons(tracking: Tracking) -> Tracking:
    """Return `tracking` as anybody may see it: no name of who signed, no place of pick-up, no words at the door."""
    return replace(
        tracking,
        signed_by_fa=None,
        signed_by_en=None,
        pickup_place_fa=None,
        pickup_place_en=None,
        events=tuple(_public(event) for event in tracking.events),
        parts=tuple(without_persons(part) for part in tracking.parts),
    )


def _public(event: TrackingEvent) -> TrackingEvent:
    # Without words of the carrier's the customer reads the name of the status.
    return event if event.status in _IMPERSONAL else replace(event, text_fa="", text_en="")
