"""One order in every situation, told through the fakes of shop, carriers and bank."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from peyk.domain.money import Money
from peyk.domain.orders import DelayReason, HoldReason, Order, OrderStatus, Refund, ShipmentRef
from peyk.domain.payments import PaymentFailure, PaymentState
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.domain.situations import Situation
from tests.unit.services.fakes import NOW, order, payment, tracking
from tests.unit.services.world import World

NUMBER = "TS-104233"
CODE = "TRK-88392011"
DAY = timedelta(days=1)


def _placed(world: World, status: OrderStatus, **changes: Any) -> Order:
    made = order(NUMBER, status=status, shipments=(), **changes)
    world.orders.orders.append(made)
    return made


def _shipped(world: World, status: DeliveryStatus = DeliveryStatus.IN_TRANSIT, **said: Any) -> None:
    eta = {"eta_from": NOW + 2 * DAY, "eta_until": NOW + 4 * DAY}
    world.orders.orders.append(order(NUMBER, **eta))
    world.post.answers[CODE] = tracking(status, **said)


def _payment(world: World, state: PaymentState, **changes: Any) -> None:
    _placed(world, OrderStatus.AWAITING_PAYMENT)
    world.payments.payments[NUMBER] = payment(NUMBER, state, **changes)


def _late(
    world: World,
    status: DeliveryStatus = DeliveryStatus.IN_TRANSIT,
    shop: OrderStatus = OrderStatus.SHIPPED,
    **said: Any,
) -> None:
    world.orders.orders.append(order(NUMBER, promised_at=NOW - 5 * DAY, status=shop))
    world.post.answers[CODE] = tracking(status, **said)


def _split(world: World) -> None:
    refs = (ShipmentRef("post", CODE, NOW - 3 * DAY), ShipmentRef("tipax", "TPX-1", NOW - 2 * DAY))
    world.orders.orders.append(order(NUMBER, shipments=refs))
    world.post.answers[CODE] = tracking(DeliveryStatus.DELIVERED)
    world.tipax.answers["TPX-1"] = tracking(carrier="tipax", code="TPX-1")


def _pickup(world: World) -> None:
    place = {"pickup_place_fa": "نمایندگی ونک", "pickup_place_en": "the Vanak agency"}
    _shipped(world, DeliveryStatus.READY_FOR_PICKUP, pickup_until=NOW + 4 * DAY, **place)


def _refund(
    world: World, *, done: bool = False, status: OrderStatus = OrderStatus.CANCELLED, due: datetime = NOW + 2 * DAY
) -> None:
    refund = Refund(Money.rial(12_500_000), NOW - 9 * DAY, due, NOW - timedelta(hours=1) if done else None)
    _placed(world, status, refund=refund)


def _never_paid(world: World) -> None:
    _placed(world, OrderStatus.CANCELLED, paid_at=None)
    world.payments.payments[NUMBER] = payment(NUMBER, PaymentState.UNPAID)


TELL: dict[Situation, Callable[[World], object]] = {
    Situation.AWAITING_PAYMENT: lambda world: _placed(world, OrderStatus.AWAITING_PAYMENT),
    Situation.PAYMENT_FAILED: lambda world: _payment(world, PaymentState.FAILED, failure=PaymentFailure.BANK_DECLINED),
    Situation.PAYMENT_UNVERIFIED: lambda world: _payment(world, PaymentState.PAID_UNVERIFIED),
    Situation.REGISTERED: lambda world: _placed(world, OrderStatus.PAID, preparation_due_at=NOW + DAY),
    Situation.PREPARING: lambda world: _placed(
        world, OrderStatus.PREPARING, preparation_due_at=NOW + DAY, delay_reason=DelayReason.MANY_ORDERS
    ),
    Situation.ADDRESS_INCOMPLETE: lambda world: _placed(
        world, OrderStatus.ON_HOLD, hold_reason=HoldReason.ADDRESS_INCOMPLETE
    ),
    Situation.IN_TRANSIT: _shipped,
    Situation.LATE: _late,
    Situation.STALLED: lambda world: _shipped(world, scan_age_h=80),
    Situation.LOST: lambda world: _shipped(world, scan_age_h=12 * 24),
    Situation.CUSTOMS: lambda world: _shipped(
        world, DeliveryStatus.ON_HOLD, reason=ExceptionReason.CUSTOMS_CLEARANCE_DELAY
    ),
    Situation.HELD: lambda world: _shipped(world, DeliveryStatus.ON_HOLD, reason=ExceptionReason.CARRIER_DAMAGED),
    Situation.OUT_FOR_DELIVERY: lambda world: _shipped(world, DeliveryStatus.OUT_FOR_DELIVERY),
    Situation.READY_FOR_PICKUP: _pickup,
    Situation.DELIVERY_FAILED: lambda world: _shipped(
        world, DeliveryStatus.DELIVERY_FAILED, reason=ExceptionReason.CONSIGNEE_NOT_HOME
    ),
    Situation.DELIVERED: lambda world: _shipped(
        world, DeliveryStatus.DELIVERED, signed_by_fa="نگهبانی", signed_by_en="the reception"
    ),
    Situation.RETURNED: lambda world: _shipped(
        world, DeliveryStatus.RETURN_TO_SENDER, reason=ExceptionReason.CONSIGNEE_NOT_HOME, attempts=3
    ),
    Situation.SPLIT: _split,
    Situation.REFUND_PENDING: lambda world: _refund(world, done=False),
    Situation.REFUNDED: lambda world: _refund(world, done=True),
    Situation.CANCELLED: _never_paid,
}

# The same situations with as little as shop, carrier and bank may say.
BARE_TRACKING: dict[str, Any] = {"events": (), "url": ""}


def _bare(world: World, status: DeliveryStatus = DeliveryStatus.IN_TRANSIT, **said: Any) -> None:
    world.orders.orders.append(order(NUMBER))
    world.post.answers[CODE] = tracking(status, **(BARE_TRACKING | said))


TELL_LITTLE: dict[str, Callable[[World], object]] = {
    "payment failed, no reason": lambda world: _payment(world, PaymentState.FAILED, ref_id=None),
    "payment failed, no reference": lambda world: _payment(
        world, PaymentState.FAILED, ref_id=None, failure=PaymentFailure.BANK_DECLINED
    ),
    "payment reversed": lambda world: _payment(world, PaymentState.REVERSED),
    "money taken, no reference": lambda world: _payment(world, PaymentState.PAID_UNVERIFIED, ref_id=None),
    "paid, no plan": lambda world: _placed(world, OrderStatus.PAID),
    "preparing, no plan": lambda world: _placed(world, OrderStatus.PREPARING),
    "preparing, no reason": lambda world: _placed(world, OrderStatus.PREPARING, preparation_due_at=NOW + DAY),
    "in transit, no scan": _bare,
    "in transit, carrier knows nothing yet": lambda world: world.orders.orders.append(order(NUMBER)),
    "shipped, no parcel on record": lambda world: _placed(world, OrderStatus.SHIPPED),
    "in transit, scan without link": lambda world: _shipped(world, url=""),
    "in transit, link without scan": lambda world: _bare(world, url=f"https://post.example/{CODE}"),
    "late, the carrier says why": lambda world: _late(
        world, DeliveryStatus.DELIVERY_DELAYED, reason=ExceptionReason.WEATHER_DELAY
    ),
    "held and late": lambda world: _late(world, DeliveryStatus.ON_HOLD, reason=ExceptionReason.WEATHER_DELAY),
    "held, late, the shop has it delivered": lambda world: _late(
        world, DeliveryStatus.ON_HOLD, shop=OrderStatus.DELIVERED
    ),
    "held, late since the carrier is away": lambda world: _late(
        world, DeliveryStatus.ON_HOLD, as_of=NOW - 6 * DAY, stale=True
    ),
    "held and late, no reason": lambda world: _late(world, DeliveryStatus.ON_HOLD),
    "late, not shipped": lambda world: _placed(world, OrderStatus.PREPARING, promised_at=NOW - 2 * DAY),
    "reported lost, no scan": lambda world: _bare(
        world, DeliveryStatus.ON_HOLD, reason=ExceptionReason.CARRIER_PARCEL_LOST
    ),
    "held, no reason": lambda world: _bare(world, DeliveryStatus.ON_HOLD),
    "customs, no scan": lambda world: _bare(
        world, DeliveryStatus.ON_HOLD, reason=ExceptionReason.CUSTOMS_DUTIES_UNPAID
    ),
    "out for delivery, no scan": lambda world: _bare(world, DeliveryStatus.OUT_FOR_DELIVERY),
    "pick-up, place unknown": lambda world: _bare(world, DeliveryStatus.READY_FOR_PICKUP),
    "delivery failed, no reason": lambda world: _bare(world, DeliveryStatus.DELIVERY_FAILED),
    "delivered, no scan": lambda world: _bare(world, DeliveryStatus.DELIVERED),
    "delivered by the shop's word": lambda world: _placed(world, OrderStatus.DELIVERED),
    "returned, no reason": lambda world: _bare(world, DeliveryStatus.RETURN_TO_SENDER),
    "returned by the shop's word": lambda world: _placed(world, OrderStatus.RETURNED),
    "refund of a returned order": lambda world: _refund(world, status=OrderStatus.RETURNED),
    "refund that is overdue": lambda world: _refund(world, due=NOW - DAY),
    "cancelled, no payment on record": lambda world: _placed(world, OrderStatus.CANCELLED, paid_at=None),
    "cancelled, paid": lambda world: _placed(world, OrderStatus.CANCELLED),
    "pick-up time is over": lambda world: _bare(
        world,
        DeliveryStatus.READY_FOR_PICKUP,
        pickup_until=NOW - DAY,
        pickup_place_fa="نمایندگی ونک",
        pickup_place_en="the Vanak agency",
    ),
    "refunded, no refund on record": lambda world: _placed(world, OrderStatus.REFUNDED),
}
