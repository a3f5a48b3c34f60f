"""The demo shop's stories: the same ones at whatever moment they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from peyk.adapters.carriers.demo import DemoCarrier, demo_carriers
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.seed import seed
from peyk.adapters.orders.demo import DemoOrders
from peyk.adapters.payments.demo import DemoPayments
from peyk.adapters.storefront.demo import DemoStorefront
from peyk.domain.orders import DelayReason, HoldReason, Order, OrderStatus
from peyk.domain.payments import Payment, PaymentState
from peyk.domain.shipments import DeliveryStatus, ExceptionReason, Tracking
from peyk.domain.situations import Situation
from peyk.errors import NotFound
from peyk.services.assess import Rules, assess
from peyk.store.engine import make_engine
from tests.unit.services.fakes import FakeClock

TEHRAN = ZoneInfo("Asia/Tehran")
RULES = Rules(stalled_after=timedelta(hours=72), lost_after=timedelta(days=10))
STORIES = {
    "TS-104233": ("09121234567", Situation.IN_TRANSIT),
    "TS-104234": ("09121234567", Situation.PREPARING),
    "TS-104201": ("09121234567", Situation.DELIVERED),
    "TS-104180": ("09351112233", Situation.LATE),
    "TS-104160": ("09121110000", Situation.LATE),
    "TS-104175": ("09361112244", Situation.RETURNED),
    "TS-104170": ("09371112255", Situation.ADDRESS_INCOMPLETE),
    "TS-104165": ("09381112266", Situation.DELIVERED),
    "TS-104163": ("09381112277", Situation.LOST),
    "TS-104190": ("09101112299", Situation.STALLED),
    "TS-104240": ("09391112277", Situation.PAYMENT_FAILED),
    "TS-104241": ("09121112288", Situation.REGISTERED),
    "TS-104242": ("09391112288", Situation.PAYMENT_UNVERIFIED),
    "TS-104210": ("09331112211", Situation.OUT_FOR_DELIVERY),
    "TS-104220": ("09331112222", Situation.READY_FOR_PICKUP),
    "TS-104150": ("+447700900123", Situation.CUSTOMS),
    "TS-104155": ("09121112299", Situation.REFUND_PENDING),
    "TS-104250": ("09121113300", Situation.SPLIT),
}
# Ordinary hours, both sides of Tehran's midnight and of UTC's, a Thursday and a Friday.
MOMENTS = [
    datetime(2026, 11, 21, 12, 0, tzinfo=TEHRAN),
    datetime(2026, 11, 22, 0, 4, tzinfo=TEHRAN),
    datetime(2026, 11, 22, 3, 31, tzinfo=TEHRAN),
    datetime(2026, 11, 24, 23, 57, tzinfo=TEHRAN),
    datetime(2026, 11, 26, 9, 15, tzinfo=TEHRAN),
    datetime(2026, 11, 27, 21, 40, tzinfo=TEHRAN),
]


class Shop:
    """The demo shop as it is told at one moment, without further orders."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self.clock = FakeClock()
        self.clock.time = now.astimezone(UTC)
        self.now = self.clock.time
        seed(engine, self.clock, 0)
        gate = FaultGate(engine)
        self.orders = DemoOrders(engine, gate)
        self.carriers: dict[str, DemoCarrier] = demo_carriers(engine, self.clock, gate)
        self._payments = DemoPayments(engine, gate)

    def trackings(self, order: Order) -> list[Tracking]:
        return [self.carriers[ref.carrier].track(ref.tracking_code) for ref in order.shipments]

    def tracking(self, number: str) -> Tracking:
        (only,) = self.trackings(self.orders.by_number(number))
        return only

    def payment(self, number: str) -> Payment:
        return self._payments.inquire(number)

    def day(self, moment: datetime | None) -> date:
        assert moment is not None
        return moment.astimezone(TEHRAN).date()

    def days_from_now(self, moment: datetime | None) -> int:
        return (self.day(moment) - self.day(self.now)).days


@pytest.fixture(params=MOMENTS, ids=lambda moment: f"{moment:%a-%H:%M}")
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    engine = make_engine(f"sqlite:///{tmp_path}/shop.db")
    yield Shop(engine, request.param)
    engine.dispose()


def test_every_story_is_told_and_means_what_it_says(told: Shop) -> None:
    for number, (mobile, situation) in STORIES.items():
        order = told.orders.by_number(number)
        seen = assess(order, told.payment(number), told.trackings(order), told.now, RULES)
        assert (order.mobile, seen) == (mobile, situation), number


def test_the_number_and_the_mobile_that_do_not_exist(told: Shop) -> None:
    with pytest.raises(NotFound):
        told.orders.by_number("TS-999999")
    assert told.orders.by_mobile("09120000000") == []


def test_nothing_happens_before_its_cause_or_in_the_future(told: Shop) -> None:
    for number in STORIES:
        order = told.orders.by_number(number)
        payment = told.payment(number)
        assert order.placed_at <= (order.paid_at or order.placed_at) <= told.now
        assert order.placed_at <= payment.at <= told.now
        assert order.total == payment.amount
        assert order.total.amount >= sum(i.quantity * i.price.amount for i in order.items)
        for ref, tracking in zip(order.shipments, told.trackings(order), strict=True):
            times = [event.at for event in tracking.events]
            assert times == sorted(times)
            assert (order.paid_at or order.placed_at) < ref.shipped_at <= times[0]
            assert times[-1] <= told.now
            assert set(ref.item_skus) <= {item.sku for item in order.items}


def test_every_event_has_words_in_both_languages(told: Shop) -> None:
    for number in STORIES:
        for tracking in told.trackings(told.orders.by_number(number)):
            for event in tracking.events:
                assert any("\u0600" <= letter <= "ۿ" for letter in event.text("fa"))
                assert event.text("en").isascii()


def test_ts_104233_is_on_its_way_by_post(told: Shop) -> None:
    order = told.orders.by_number("TS-104233")
    (ref,) = order.shipments
    assert (ref.carrier, ref.tracking_code, told.days_from_now(ref.shipped_at)) == ("post", "TRK-88392011", -2)
    last = told.tracking("TS-104233").last_event
    assert last is not None
    assert last.text("fa") == "تحویل به مرکز مبادلات"
    assert (working_days(told, order.eta_from), working_days(told, order.eta_until)) == (2, 4)
    assert [item.sku for item in order.items] == ["HP-210"]
    assert "هدفون" in order.items[0].title("fa")


def test_only_one_of_the_mobiles_orders_has_a_headphone(told: Shop) -> None:
    titles = [[item.title("fa") for item in order.items] for order in told.orders.by_mobile("09121234567")]
    assert [any("هدفون" in title for title in each) for each in titles] == [False, True, False]


def test_ts_104234_is_being_prepared_until_tomorrow(told: Shop) -> None:
    order = told.orders.by_number("TS-104234")
    assert order.status is OrderStatus.PREPARING
    assert (told.days_from_now(order.paid_at), told.days_from_now(order.preparation_due_at)) == (0, 1)
    assert order.delay_reason is DelayReason.MANY_ORDERS


def test_ts_104201_was_signed_for_by_the_reception_last_week(told: Shop) -> None:
    tracking = told.tracking("TS-104201")
    assert tracking.status is DeliveryStatus.DELIVERED
    assert (tracking.signed_by_fa, tracking.signed_by_en) == ("پذیرش ساختمان", "the reception")
    assert tracking.last_event is not None
    assert told.days_from_now(tracking.last_event.at) == -7


@pytest.mark.parametrize(("number", "days", "vip"), [("TS-104180", -5, False), ("TS-104160", -3, True)])
def test_the_late_ones_are_in_transit_by_tipax(told: Shop, number: str, days: int, vip: bool) -> None:
    order = told.orders.by_number(number)
    tracking = told.tracking(number)
    assert (tracking.carrier, tracking.status) == ("tipax", DeliveryStatus.IN_TRANSIT)
    assert (told.days_from_now(order.promised_at), order.vip) == (days, vip)


def test_ts_104175_came_back_after_three_attempts(told: Shop) -> None:
    tracking = told.tracking("TS-104175")
    assert (tracking.carrier, tracking.status, tracking.attempts) == ("post", DeliveryStatus.RETURN_TO_SENDER, 3)
    assert tracking.reason is ExceptionReason.CONSIGNEE_NOT_HOME
    failed = [event for event in tracking.events if event.status is DeliveryStatus.DELIVERY_FAILED]
    assert len(failed) == 3


def test_ts_104170_has_neither_plate_nor_postal_code(told: Shop) -> None:
    order = told.orders.by_number("TS-104170")
    assert (order.status, order.hold_reason) == (OrderStatus.ON_HOLD, HoldReason.ADDRESS_INCOMPLETE)
    assert "پلاک" not in order.address
    assert not any(letter.isdigit() for letter in order.address)


@pytest.mark.parametrize(("number", "carrier", "hours"), [("TS-104190", "chapar", 80), ("TS-104163", "post", 290)])
def test_the_silent_ones(told: Shop, number: str, carrier: str, hours: int) -> None:
    tracking = told.tracking(number)
    assert tracking.carrier == carrier
    assert tracking.last_event is not None
    assert told.now - tracking.last_event.at == timedelta(hours=hours)


def test_ts_104165_was_delivered_three_days_ago_says_the_carrier(told: Shop) -> None:
    tracking = told.tracking("TS-104165")
    assert tracking.last_event is not None
    assert (tracking.status, told.days_from_now(tracking.last_event.at)) == (DeliveryStatus.DELIVERED, -3)


def test_the_payments_tell_their_stories(told: Shop) -> None:
    failed, taken = told.payment("TS-104240"), told.payment("TS-104242")
    assert (failed.state, bool(failed.ref_id)) == (PaymentState.FAILED, True)
    assert taken.state is PaymentState.PAID_UNVERIFIED
    assert told.orders.by_number("TS-104240").paid_at is None
    assert told.orders.by_number("TS-104242").paid_at is None
    new = told.orders.by_number("TS-104241")
    assert told.now - new.placed_at == timedelta(minutes=10)
    assert new.status is OrderStatus.PAID


def test_ts_104210_comes_today(told: Shop) -> None:
    tracking = told.tracking("TS-104210")
    assert (tracking.carrier, tracking.status) == ("courier", DeliveryStatus.OUT_FOR_DELIVERY)
    assert tracking.eta is not None
    assert tracking.last_event is not None
    assert told.days_from_now(tracking.eta) == told.days_from_now(tracking.last_event.at) == 0
    assert tracking.last_event.at < told.now < tracking.eta


def test_ts_104220_waits_at_the_agency_for_four_more_days(told: Shop) -> None:
    tracking = told.tracking("TS-104220")
    assert (tracking.carrier, tracking.status) == ("tipax", DeliveryStatus.READY_FOR_PICKUP)
    assert told.days_from_now(tracking.pickup_until) == 4
    assert tracking.pickup_place_fa
    assert tracking.pickup_place_en


def test_ts_104150_is_held_in_customs(told: Shop) -> None:
    tracking = told.tracking("TS-104150")
    assert (tracking.carrier, tracking.code, tracking.status) == ("dhl", "1234567890", DeliveryStatus.ON_HOLD)
    assert tracking.reason is ExceptionReason.CUSTOMS_CLEARANCE_DELAY


def test_ts_104155_gets_its_money_back(told: Shop) -> None:
    order = told.orders.by_number("TS-104155")
    assert order.refund is not None
    assert (order.refund.amount, order.refund.done_at) == (order.total, None)
    assert order.refund.started_at < told.now < order.refund.due_at


def test_ts_104250_comes_in_two_parcels(told: Shop) -> None:
    order = told.orders.by_number("TS-104250")
    assert [tracking.status for tracking in told.trackings(order)] == [
        DeliveryStatus.DELIVERED,
        DeliveryStatus.IN_TRANSIT,
    ]
    assert sorted(sku for ref in order.shipments for sku in ref.item_skus) == sorted(item.sku for item in order.items)


def test_further_orders_are_the_same_every_time_and_apart_from_the_stories(tmp_path: Path) -> None:
    clock = FakeClock()

    def told_again(name: str) -> list[Order]:
        engine = make_engine(f"sqlite:///{tmp_path}/{name}.db")
        seed(engine, clock, 300)
        source = DemoOrders(engine, FaultGate(engine))
        found = [source.by_number(f"TS-{number}") for number in range(200_001, 200_301)]
        engine.dispose()
        return found

    orders = told_again("one")
    assert orders == told_again("two")
    assert not {order.mobile for order in orders} & {mobile for mobile, _ in STORIES.values()}
    codes = [ref.tracking_code for order in orders for ref in order.shipments]
    assert len(codes) == len(set(codes))


def test_further_orders_are_trackable_and_in_order(shop: Engine, clock: FakeClock) -> None:
    gate = FaultGate(shop)
    source, carriers = DemoOrders(shop, gate), demo_carriers(shop, clock, gate)
    seen = set()
    for number in range(200_001, 200_601, 7):
        order = source.by_number(f"TS-{number}")
        seen.add(order.status)
        for ref in order.shipments:
            tracking = carriers[ref.carrier].track(ref.tracking_code)
            assert carriers[ref.carrier].recognises(ref.tracking_code)
            assert (tracking.status is DeliveryStatus.DELIVERED) is (order.status is OrderStatus.DELIVERED)
            assert [event.at for event in tracking.events] == sorted(event.at for event in tracking.events)
            assert tracking.events[-1].at <= clock.now()
    assert OrderStatus.DELIVERED in seen


def test_by_default_there_are_enough_parcels_for_statistics(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/shop.db")
    seed(engine, FakeClock())
    storefront = DemoStorefront(engine, FaultGate(engine))
    for zone in storefront.zones():
        if "Tehran" in zone.cities or "Isfahan" in zone.cities:
            for method in zone.methods:
                days = storefront.delivered_days(zone.cities[0], method.carrier)
                assert len(days) >= 30
                assert method.min_days - 1 <= sorted(days)[len(days) // 2] <= method.max_days
    engine.dispose()


def test_too_many_further_orders_are_refused(engine: Engine, clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="at most"):
        seed(engine, clock, 1_000_000)


def working_days(told: Shop, until: datetime | None) -> int:
    """Count as customers do: from tomorrow on, Fridays apart."""
    days = [told.day(told.now) + timedelta(days=step) for step in range(1, told.days_from_now(until) + 1)]
    return sum(day.weekday() != 4 for day in days)
