"""The rule of who wins: shop, bank, carrier, silence, promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from peyk.domain.money import Money
from peyk.domain.orders import DelayReason, HoldReason, OrderStatus, Refund, ShipmentRef
from peyk.domain.payments import PaymentState
from peyk.domain.shipments import DeliveryStatus as D
from peyk.domain.shipments import ExceptionReason as R
from peyk.domain.situations import Situation as Is
from peyk.services.assess import assess, assess_parcel, awaits_bank
from tests.unit.services.fakes import NOW, RULES, order, payment, tracking

DAY = timedelta(days=1)
TWO = (ShipmentRef("post", "TRK-1", NOW - 2 * DAY), ShipmentRef("tipax", "TPX-2", NOW - DAY))
REFUND = Refund(Money.rial(1_000_000), NOW - DAY, NOW + 3 * DAY)
LATE = {"promised_at": NOW - 5 * DAY}
A = OrderStatus.AWAITING_PAYMENT


def told(shop: dict[str, Any], *trackings: Any, bank: Any = None) -> Is:
    """Assess an order with these changes."""
    ref = {"shipments": ()} if not trackings and "shipments" not in shop else {}
    return assess(order(**(ref | shop)), bank, trackings, NOW, RULES)


STORIES = [
    ("TS-104233", told({}, tracking()), Is.IN_TRANSIT),
    ("TS-104234", told({"status": OrderStatus.PREPARING, "delay_reason": DelayReason.MANY_ORDERS}), Is.PREPARING),
    ("TS-104201", told({"status": OrderStatus.DELIVERED}, tracking(D.DELIVERED, scan_age_h=170)), Is.DELIVERED),
    ("TS-104180", told(LATE, tracking(scan_age_h=30)), Is.LATE),
    ("TS-104160", told({"promised_at": NOW - 3 * DAY, "vip": True}, tracking(scan_age_h=30)), Is.LATE),
    ("TS-104175", told({}, tracking(D.RETURN_TO_SENDER, reason=R.CONSIGNEE_NOT_HOME, attempts=3)), Is.RETURNED),
    (
        "TS-104170",
        told({"status": OrderStatus.ON_HOLD, "hold_reason": HoldReason.ADDRESS_INCOMPLETE}),
        Is.ADDRESS_INCOMPLETE,
    ),
    ("TS-104165", told({}, tracking(D.DELIVERED, scan_age_h=72)), Is.DELIVERED),
    ("TS-104163", told(LATE, tracking(scan_age_h=12 * 24)), Is.LOST),
    ("TS-104190", told({}, tracking(scan_age_h=80)), Is.STALLED),
    ("TS-104240", told({"status": A}, bank=payment()), Is.PAYMENT_FAILED),
    ("TS-104241", told({"status": OrderStatus.PAID}), Is.REGISTERED),
    ("TS-104242", told({"status": A}, bank=payment(state=PaymentState.PAID_UNVERIFIED)), Is.PAYMENT_UNVERIFIED),
    ("TS-104210", told({}, tracking(D.OUT_FOR_DELIVERY, scan_age_h=1)), Is.OUT_FOR_DELIVERY),
    ("TS-104220", told({}, tracking(D.READY_FOR_PICKUP)), Is.READY_FOR_PICKUP),
    ("TS-104150", told({}, tracking(D.ON_HOLD, reason=R.CUSTOMS_CLEARANCE_DELAY, scan_age_h=100)), Is.CUSTOMS),
    ("TS-104155", told({"status": OrderStatus.CANCELLED, "refund": REFUND}), Is.REFUND_PENDING),
    ("TS-104250", told({"shipments": TWO}, tracking(D.DELIVERED), tracking()), Is.SPLIT),
]


@pytest.mark.parametrize(("number", "situation", "expected"), STORIES, ids=[story[0] for story in STORIES])
def test_every_story_of_the_demo_shop(number: str, situation: Is, expected: Is) -> None:
    assert situation is expected


RULE_ROWS = [
    ("carrier's delivered beats the shop's shipped", told({}, tracking(D.DELIVERED)), Is.DELIVERED),
    ("delivered is never late", told(LATE, tracking(D.DELIVERED)), Is.DELIVERED),
    (
        "return beats the shop's delivered",
        told({"status": OrderStatus.DELIVERED}, tracking(D.RETURN_TO_SENDER)),
        Is.RETURNED,
    ),
    ("a fresh scan beats the shop's delivered", told({"status": OrderStatus.DELIVERED}, tracking()), Is.IN_TRANSIT),
    ("silence does not", told({"status": OrderStatus.DELIVERED}, tracking(scan_age_h=300)), Is.DELIVERED),
    ("nor does the promise", told(LATE | {"status": OrderStatus.DELIVERED}, tracking()), Is.IN_TRANSIT),
    ("reported lost does", told({"status": OrderStatus.DELIVERED}, tracking(reason=R.CARRIER_PARCEL_LOST)), Is.LOST),
    ("unknown is no news", told({}, tracking(D.UNKNOWN)), Is.IN_TRANSIT),
    ("unknown is never late", told(LATE, tracking(D.UNKNOWN)), Is.IN_TRANSIT),
    ("unknown is never stalled", told({}, tracking(D.UNKNOWN, scan_age_h=80)), Is.IN_TRANSIT),
    ("unknown is never lost", told({}, tracking(D.UNKNOWN, scan_age_h=400)), Is.IN_TRANSIT),
    ("unknown leaves the shop's delivered", told({"status": OrderStatus.DELIVERED}, tracking(D.UNKNOWN)), Is.DELIVERED),
    ("reported lost beats a fresh scan", told({}, tracking(reason=R.CARRIER_PARCEL_LOST)), Is.LOST),
    ("lost beats stalled and late", told(LATE, tracking(scan_age_h=241)), Is.LOST),
    ("stalled beats late", told(LATE, tracking(scan_age_h=73)), Is.STALLED),
    ("72 hours are not stalled", told({}, tracking(scan_age_h=72)), Is.IN_TRANSIT),
    ("10 days are not lost", told({}, tracking(scan_age_h=240)), Is.STALLED),
    ("pick-up waits without scans", told({}, tracking(D.READY_FOR_PICKUP, scan_age_h=300)), Is.READY_FOR_PICKUP),
    ("no scan at all is no silence", told({}, tracking(events=())), Is.IN_TRANSIT),
    ("pre-transit is not in transit", told({}, tracking(D.PENDING)), Is.PREPARING),
    ("a delay by the carrier within the promise", told({}, tracking(D.DELIVERY_DELAYED)), Is.IN_TRANSIT),
    ("a delay for damage", told({}, tracking(D.DELIVERY_DELAYED, reason=R.CARRIER_DAMAGED)), Is.HELD),
    ("held for no reason told", told({}, tracking(D.ON_HOLD)), Is.HELD),
    ("held for the weather", told({}, tracking(D.ON_HOLD, reason=R.WEATHER_DELAY)), Is.HELD),
    ("held beats late", told(LATE, tracking(D.ON_HOLD)), Is.HELD),
    ("held beats silence", told({}, tracking(D.ON_HOLD, scan_age_h=300)), Is.HELD),
    ("held beats the shop's delivered", told({"status": OrderStatus.DELIVERED}, tracking(D.ON_HOLD)), Is.HELD),
    ("held for the consignee", told({}, tracking(D.ON_HOLD, reason=R.CONSIGNEE_INCORRECT_ADDRESS)), Is.DELIVERY_FAILED),
    ("a failed delivery", told({}, tracking(D.DELIVERY_FAILED)), Is.DELIVERY_FAILED),
    (
        "outage: silence ends at the last word",
        told({}, tracking(scan_age_h=80, as_of=NOW - DAY, stale=True)),
        Is.IN_TRANSIT,
    ),
    (
        "outage: so does the promise",
        told({"promised_at": NOW - DAY / 2}, tracking(scan_age_h=30, as_of=NOW - DAY, stale=True)),
        Is.IN_TRANSIT,
    ),
    ("carrier silent, promise passed", told(LATE, None), Is.LATE),
    ("carrier silent", told({}, None), Is.IN_TRANSIT),
    ("carrier silent, shop delivered", told(LATE | {"status": OrderStatus.DELIVERED}, None), Is.DELIVERED),
    ("a voided label is no parcel", told({}, tracking(D.CANCELLED)), Is.PREPARING),
    ("of two one is void", told({"shipments": TWO}, tracking(D.CANCELLED), tracking()), Is.IN_TRANSIT),
    ("two alike are not split", told({"shipments": TWO}, tracking(D.PICKED_UP), tracking()), Is.IN_TRANSIT),
    ("two delivered", told({"shipments": TWO}, tracking(D.DELIVERED), tracking(D.DELIVERED)), Is.DELIVERED),
    ("one delivered, one unknown", told({"shipments": TWO}, tracking(D.DELIVERED), None), Is.SPLIT),
    ("the order's end beats the carrier", told({"status": OrderStatus.CANCELLED}, tracking()), Is.CANCELLED),
    ("refund done", told({"status": OrderStatus.CANCELLED, "refund": replace(REFUND, done_at=NOW)}), Is.REFUNDED),
    ("refunded without details", told({"status": OrderStatus.REFUNDED}), Is.REFUNDED),
    ("returned, no refund so far", told({"status": OrderStatus.RETURNED}), Is.RETURNED),
    ("nothing paid", told({"status": A}), Is.AWAITING_PAYMENT),
    ("bank says unpaid", told({"status": A}, bank=payment(state=PaymentState.UNPAID)), Is.AWAITING_PAYMENT),
    (
        "bank has it, shop does not",
        told({"status": A}, bank=payment(state=PaymentState.VERIFIED)),
        Is.PAYMENT_UNVERIFIED,
    ),
    ("reversed", told({"status": A}, bank=payment(state=PaymentState.REVERSED)), Is.PAYMENT_FAILED),
    ("an old failure of a paid order", told({"status": OrderStatus.PAID}, bank=payment()), Is.REGISTERED),
    ("held for no stated reason", told({"status": OrderStatus.ON_HOLD}), Is.PREPARING),
    ("not shipped and past the promise", told(LATE | {"status": OrderStatus.PREPARING}), Is.LATE),
    ("shipped without a code", told({"status": OrderStatus.SHIPPED}), Is.IN_TRANSIT),
]


@pytest.mark.parametrize(("rule", "situation", "expected"), RULE_ROWS, ids=[row[0] for row in RULE_ROWS])
def test_who_wins(rule: str, situation: Is, expected: Is) -> None:
    assert situation is expected


def test_every_delivery_status_has_a_stage() -> None:
    for status in D:
        assert isinstance(assess_parcel(tracking(status), None, NOW, RULES), Is)


def test_every_shop_status_has_a_situation() -> None:
    for status in OrderStatus:
        assert isinstance(told({"status": status}), Is)


def test_only_an_unpaid_order_without_parcels_hangs_on_the_bank() -> None:
    assert awaits_bank(order(status=A, shipments=()))
    assert not awaits_bank(order(status=A))
    assert not awaits_bank(order(status=OrderStatus.PAID, shipments=()))
