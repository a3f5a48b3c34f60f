"""From what shop, bank and carriers say to the one situation the customer is told. Pure.

Who wins, from the top; the first line that fits decides.

1.  The shop has ended the order (cancelled, returned, refunded): its money decides. A refund under
    way is `refund_pending`, a finished one `refunded`; else `cancelled`, `returned`, `refunded`.
2.  The order has parcels: each gets its stage (below). One stage for all is the situation, several
    different ones are `split`. A parcel the carrier has cancelled is a voided label and counts as
    none; an order whose every label is void is back in preparation.
3.  The shop waits for the money: the bank decides. Failed or reversed is `payment_failed`; taken but
    not yet confirmed by the shop is `payment_unverified`; else `awaiting_payment`.
4.  The shop cannot ship: an incomplete address is `address_incomplete`.
5.  Else the shop's own word; not shipped though the promised date has passed is `late`.

The stage of one parcel:

a.  What the carrier says for certain beats the shop's "shipped" (and the shop's "delivered"):
    `delivered`; reported lost is `lost`; on its way back is `returned`; held by customs is `customs`;
    `ready_for_pickup`; a failed delivery, or a hold for the consignee's sake, is `delivery_failed`.
b.  The carrier's `unknown` is no news: the shop's word stands, and it is never called late,
    stalled or lost.
c.  Held by its carrier, for whatever other reason or none that we know of, is `held`; so is a parcel that
    is delayed for being damaged. It beats the silence (a parcel that waits is not scanned) and late: it is why.
d.  A parcel under way that is not scanned any more is `lost` after `lost_after`, `stalled` after
    `stalled_after`. Lost beats stalled, stalled beats late: the worse news is the truer one.
    The silence is counted to the moment the carrier was last heard, not through its outage.
e.  Past the promised date and not delivered is `late`.
f.  Else `out_for_delivery`, or `in_transit`; a label that waits for its first scan is `preparing`.
g.  The shop's "delivered" stands against what is only inferred (d and e).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peyk.domain.orders import HoldReason, Order, OrderStatus
from peyk.domain.payments import Payment, PaymentState
from peyk.domain.shipments import DeliveryStatus, ExceptionReason, Tracking
from peyk.domain.situations import Situation

_CUSTOMS = {ExceptionReason.CUSTOMS_CLEARANCE_DELAY, ExceptionReason.CUSTOMS_DUTIES_UNPAID}
_CONSIGNEE = {
    ExceptionReason.CONSIGNEE_INCORRECT_ADDRESS,
    ExceptionReason.CONSIGNEE_NOT_HOME,
    ExceptionReason.CONSIGNEE_REFUSED,
}
_CERTAIN = {
    DeliveryStatus.DELIVERED: Situation.DELIVERED,
    DeliveryStatus.RETURN_TO_SENDER: Situation.RETURNED,
    DeliveryStatus.READY_FOR_PICKUP: Situation.READY_FOR_PICKUP,
    DeliveryStatus.DELIVERY_FAILED: Situation.DELIVERY_FAILED,
}
_UNDER_WAY = {
    DeliveryStatus.OUT_FOR_DELIVERY: Situation.OUT_FOR_DELIVERY,
    DeliveryStatus.PENDING: Situation.PREPARING,
}
_HELD_OR_DELAYED = {DeliveryStatus.ON_HOLD, DeliveryStatus.DELIVERY_DELAYED}
_ENDED = {
    OrderStatus.CANCELLED: Situation.CANCELLED,
    OrderStatus.RETURNED: Situation.RETURNED,
    OrderStatus.REFUNDED: Situation.REFUNDED,
}
_OWN_WORD = {
    OrderStatus.PAID: Situation.REGISTERED,
    OrderStatus.PREPARING: Situation.PREPARING,
    OrderStatus.ON_HOLD: Situation.PREPARING,
    OrderStatus.SHIPPED: Situation.IN_TRANSIT,
    OrderStatus.DELIVERED: Situation.DELIVERED,
}


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a parcel may be silent before it counts as stalled, and as lost."""

    stalled_after: timedelta
    lost_after: timedelta


def assess(
    order: Order, payment: Payment | None, trackings: Sequence[Tracking | None], now: datetime, rules: Rules
) -> Situation:
    """Return the situation of an order.

    `trackings` has one entry a parcel, None where its carrier has said nothing so far. `payment` is
    None where the gateway knows of no attempt.
    """
    if order.status in _ENDED:
        return _ended(order)
    parcels = [tracking for tracking in trackings if not is_void(tracking)]
    if parcels:
        stages = {_order_parcel(order, tracking, now, rules) for tracking in parcels}
        return stages.pop() if len(stages) == 1 else Situation.SPLIT
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return _awaiting_payment(payment)
    if order.hold_reason is HoldReason.ADDRESS_INCOMPLETE and order.status is OrderStatus.ON_HOLD:
        return Situation.ADDRESS_INCOMPLETE
    if is_late(order, now):
        return Situation.LATE
    if trackings and order.status is OrderStatus.SHIPPED:
        return Situation.PREPARING
    return _OWN_WORD[order.status]


def assess_parcel(tracking: Tracking, promised_at: datetime | None, now: datetime, rules: Rules) -> Situation:
    """Return the stage of a parcel by its carrier's word, silence and the promised date (None: none known)."""
    certain = _certain(tracking)
    if certain is not None:
        return certain
    if tracking.status is DeliveryStatus.UNKNOWN:
        return Situation.IN_TRANSIT
    if _is_held(tracking):
        return Situation.HELD
    heard_at = tracking.as_of if tracking.stale else now
    silence = _silence(tracking, heard_at)
    if silence > rules.lost_after:
        return Situation.LOST
    if silence > rules.stalled_after:
        return Situation.STALLED
    if _promise_passed(promised_at, heard_at):
        return Situation.LATE
    return _UNDER_WAY.get(tracking.status, Situation.IN_TRANSIT)


def parcel_stages(
    order: Order, trackings: Sequence[Tracking | None], now: datetime, rules: Rules
) -> frozenset[Situation]:
    """Return the stages of an order's parcels: what SPLIT is made of. Arguments as those of `assess`."""
    return frozenset(_order_parcel(order, tracking, now, rules) for tracking in trackings if not is_void(tracking))


def _ended(order: Order) -> Situation:
    if order.refund is not None:
        return Situation.REFUND_PENDING if order.refund.done_at is None else Situation.REFUNDED
    return _ENDED[order.status]


def is_void(tracking: Tracking | None) -> bool:
    """Tell whether the carrier has cancelled the label: then it is no parcel."""
    return tracking is not None and tracking.status is DeliveryStatus.CANCELLED


def _order_parcel(order: Order, tracking: Tracking | None, now: datetime, rules: Rules) -> Situation:
    delivered = order.status is OrderStatus.DELIVERED
    if tracking is None:
        return Situation.DELIVERED if delivered else Situation.LATE if is_late(order, now) else Situation.IN_TRANSIT
    if delivered and tracking.status is DeliveryStatus.UNKNOWN:
        return Situation.DELIVERED
    stage = assess_parcel(tracking, None if delivered else order.promised_at, now, rules)
    inferred = stage in (Situation.STALLED, Situation.LOST) and _certain(tracking) is None
    return Situation.DELIVERED if delivered and inferred else stage


def _certain(tracking: Tracking) -> Situation | None:
    if tracking.status is DeliveryStatus.DELIVERED:
        return Situation.DELIVERED
    if tracking.reason is ExceptionReason.CARRIER_PARCEL_LOST:
        return Situation.LOST
    if tracking.status in _CERTAIN:
        return _CERTAIN[tracking.status]
    if tracking.status in _HELD_OR_DELAYED and tracking.reason in _CUSTOMS:
        return Situation.CUSTOMS
    if tracking.status in _HELD_OR_DELAYED and tracking.reason in _CONSIGNEE:
        return Situation.DELIVERY_FAILED
    return None


def _is_held(tracking: Tracking) -> bool:
    """Tell whether the carrier holds the parcel; a delay alone is no hold."""
    if tracking.status is DeliveryStatus.DELIVERY_DELAYED:
        return tracking.reason is ExceptionReason.CARRIER_DAMAGED
    return tracking.status is DeliveryStatus.ON_HOLD


def _silence(tracking: Tracking, heard_at: datetime) -> timedelta:
    last = tracking.last_event
    return heard_at - last.at if last else timedelta(0)


def is_late(order: Order, at: datetime) -> bool:
    """Tell whether an order is past its promised date; what the shop calls delivered never is."""
    return order.status is not OrderStatus.DELIVERED and _promise_passed(order.promised_at, at)


def _promise_passed(promised_at: datetime | None, at: datetime) -> bool:
    return promised_at is not None and at > promised_at


def awaits_bank(order: Order) -> bool:
    """Tell whether nothing true can be said of the order without asking the bank."""
    return order.status is OrderStatus.AWAITING_PAYMENT and not order.shipments


def _awaiting_payment(payment: Payment | None) -> Situation:
    state = payment.state if payment else PaymentState.UNPAID
    if state in (PaymentState.FAILED, PaymentState.REVERSED):
        return Situation.PAYMENT_FAILED
    if state in (PaymentState.PAID_UNVERIFIED, PaymentState.VERIFIED):
        return Situation.PAYMENT_UNVERIFIED
    return Situation.AWAITING_PAYMENT
