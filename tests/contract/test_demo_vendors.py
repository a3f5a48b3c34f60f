"""The vendors' servers of `peyk demo --vendor`: the demo's stories in each vendor's shape, read by its adapter."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.outbox import DemoOutbox
from peyk.adapters.demo_shop.progress import DemoProgress
from peyk.adapters.demo_shop.seed import seed
from peyk.adapters.messaging.demo import DemoMessenger
from peyk.adapters.payments.checked import CheckedPayments
from peyk.adapters.payments.demo import DemoPayments
from peyk.adapters.plugin import Shop, read_settings
from peyk.adapters.registry import plugin
from peyk.bootstrap_systems import make_outside
from peyk.domain.orders import Order, OrderStatus
from peyk.domain.payments import PaymentState
from peyk.domain.shipments import DeliveryStatus
from peyk.domain.systems import SystemKind
from peyk.errors import BadAnswer, NotFound, SettingsError, Unavailable
from peyk.ports import Carrier
from peyk.ports.shops import ShopOrder
from peyk.settings import load_settings
from peyk.store.engine import make_engine
from peyk.store.records import make_records
from tests.contract.parts import parts_for_tests
from tests.contract.test_demo_stories import STORIES
from tests.fakes.demo.book import Book, OpenGate
from tests.fakes.demo.vendors import VENDORS, CarrierVendor, Parts, checked, parcels_told, served, settings_of
from tests.fakes.vendor_http import FakeVendor
from tests.unit.services.fakes import FakeClock

SHOPS = [name for name, vendor in VENDORS.items() if vendor.kind is SystemKind.SHOP]
# What the shops have no word for.
OTHERWISE = {
    ("", OrderStatus.PAID): OrderStatus.PREPARING,
    ("magento", OrderStatus.DELIVERED): OrderStatus.SHIPPED,
    ("vendure", OrderStatus.ON_HOLD): OrderStatus.PREPARING,
}


class Servers:
    """Vendors' servers over the demo shop as it is now, and the adapters that are pointed at them."""

    def __init__(self, engine: Engine, folder: Path, stack: ExitStack, env: pytest.MonkeyPatch) -> None:
        self.engine, self.clock, self._stack, self._env = engine, FakeClock(), stack, env
        seed(engine, self.clock, 5)
        self.book = Book(engine, self.clock)
        phone = DemoMessenger(engine, self.clock, OpenGate(engine), lambda language, code: f"{language} {code}")
        self._parts = Parts(self.book, phone, folder)

    def start(self, *names: str) -> list[FakeVendor]:
        servers = [self._stack.enter_context(served(name, names, self._parts)) for name in names]
        ports = {name: int(server.url.rpartition(":")[2]) for name, server in zip(names, servers, strict=True)}
        for name, value in settings_of(ports, self._parts.data_dir).items():
            self._env.setenv(name, value)
        return servers

    def adapter(self, name: str) -> Any:
        found = plugin(name, VENDORS[name].kind)
        return found.make(read_settings(found), parts_for_tests(self.clock))

    def orders(self, name: str) -> dict[str, ShopOrder]:
        shop: Shop = self.adapter(name)
        assert shop.feed is not None
        found: dict[str, ShopOrder] = {}
        cursor: str | None = None
        while True:
            page = shop.feed.page(None, cursor)
            assert not page.unreadable
            found |= {each.order.number: each for each in page.orders}
            cursor = page.cursor
            if cursor is None:
                return found


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    engine = make_engine(f"sqlite:///{tmp_path / 'demo.db'}")
    with ExitStack() as stack:
        yield Servers(engine, tmp_path, stack, monkeypatch)
    engine.dispose()


def command(server: FakeVendor, method: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(f"{server.url}/_fault", data=body, method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def told(order: Order) -> Order:
    """What every shop's system can tell of an order."""
    return Order(
        number=order.number,
        mobile=order.mobile,
        status=order.status,
        customer_name=order.customer_name,
        city=order.city,
        address=order.address,
        items=tuple(replace(item, title_en="") for item in order.items),
        total=order.total,
        placed_at=order.placed_at.replace(microsecond=0),
        shipments=tuple(
            replace(ref, shipped_at=ref.shipped_at.replace(microsecond=0), item_skus=()) for ref in order.shipments
        ),
    )


@pytest.mark.parametrize("name", SHOPS)
def test_a_shop_tells_the_demos_orders(servers: Servers, name: str) -> None:
    servers.start(name)
    found = servers.orders(name)
    assert len(found) == len(STORIES) + 5
    for number, (mobile, _) in STORIES.items():
        demos, theirs = servers.book.order(number), found[number].order
        known = OTHERWISE.get((name, demos.status)) or OTHERWISE.get(("", demos.status)) or demos.status
        assert told(theirs) == told(replace(demos, status=known))
        assert theirs.mobile == mobile
        assert (theirs.paid_at is None) == (demos.paid_at is None)
        assert (theirs.refund and theirs.refund.amount) == (demos.refund and demos.refund.amount)


@pytest.mark.parametrize("name", SHOPS)
def test_an_order_that_moves_on_in_the_demo_moves_on_in_the_shop(servers: Servers, name: str) -> None:
    servers.start(name)
    assert servers.orders(name)["TS-104234"].order.shipments == ()
    assert DemoProgress(servers.engine, servers.clock).advance("TS-104234") == "shipped"
    moved = servers.orders(name)["TS-104234"].order
    assert (moved.status, len(moved.shipments)) == (OrderStatus.SHIPPED, 1)


@pytest.mark.parametrize("name", [name for name, each in VENDORS.items() if isinstance(each, CarrierVendor)])
def test_a_carrier_tells_the_demos_parcels(servers: Servers, name: str) -> None:
    servers.start(name)
    carrier: Carrier = servers.adapter(name)
    whose = parcels_told([name])[name]
    codes = [
        ref.tracking_code
        for number in servers.book.marks()
        for ref in servers.book.order(number).shipments
        if ref.carrier == whose
    ]
    assert codes or name in {"fedex", "mahex"}
    for code in codes:
        assert carrier.recognises(code)
        demos = servers.book.parcel(whose, code)
        assert demos is not None
        tracking = carrier.track(code)
        assert tracking.carrier == whose
        assert _minutes((event.status.value, event.at) for event in tracking.events) == _minutes(
            (line.status, line.utc) for line in demos.lines
        )
    with pytest.raises(NotFound):
        carrier.track("RR000047119CN" if name == "17track" else "1" * 9 + "99")


def _minutes(scans: Iterable[tuple[str, datetime]]) -> list[tuple[str, datetime]]:
    return [(status, at.replace(second=0, microsecond=0)) for status, at in scans]


def test_what_the_stories_are_about_survives(servers: Servers) -> None:
    servers.start("post", "dhl")
    back = servers.adapter("post").track("104175001234567890123456")
    assert (back.status, back.attempts) == (DeliveryStatus.RETURN_TO_SENDER, 3)
    held = servers.adapter("dhl").track("1234567890")
    assert (held.status, held.reason) == (DeliveryStatus.ON_HOLD, "customs_clearance_delay")
    assert (held.eta, held.events[-1].city) == (None, "London")


def test_who_answers_for_the_post_is_the_post_itself_and_the_second_has_its_own(servers: Servers) -> None:
    assert parcels_told(["17track", "post", "postex"]) == {"post": "post", "17track": "", "postex": ""}
    assert parcels_told(["17track", "postex"]) == {"17track": "post", "postex": ""}
    (server, _) = servers.start("fedex", "tipax")
    assert isinstance(server, FakeVendor)
    seen = servers.adapter("fedex").track("100000000007")
    assert seen.status is DeliveryStatus.IN_TRANSIT
    assert timedelta() <= servers.clock.now() - seen.events[-1].at < timedelta(days=1)


@pytest.mark.parametrize("name", ["kavenegar", "smsir"])
@pytest.mark.parametrize(("mobile", "language"), [("09121234567", "fa"), ("+447700900123", "en")])
def test_codes_arrive_at_the_demos_telephone(servers: Servers, name: str, mobile: str, language: str) -> None:
    servers.start(name)
    sender = servers.adapter(name)
    first = sender.send(mobile, "123456", language)
    sender.send(mobile, "123457", language)
    (newer, older) = DemoOutbox(servers.engine).messages(mobile)
    assert {newer.text, older.text} == {f"{language} 123456", f"{language} 123457"}
    assert sender.delivery(first.message_id) == "delivered"


@pytest.mark.parametrize(
    ("number", "state"), [("TS-104242", PaymentState.PAID_UNVERIFIED), ("TS-104240", PaymentState.FAILED)]
)
def test_the_gateway_knows_the_demos_payments(servers: Servers, number: str, state: PaymentState) -> None:
    servers.start("woocommerce", "zarinpal")
    gateway = servers.adapter("zarinpal")
    by_shop = servers.orders("woocommerce")[number].payment
    assert by_shop is not None
    assert by_shop.state is not PaymentState.PAID_UNVERIFIED
    assert gateway.inquire(by_shop).state is state
    demos = DemoPayments(servers.engine, FaultGate(servers.engine))
    assert CheckedPayments(demos, gateway).inquire(number).state is state


def test_woocommerce_tells_the_demos_zones(servers: Servers) -> None:
    servers.start("woocommerce")
    zones = servers.adapter("woocommerce").storefront.zones()
    # It has no price by the kilogram.
    demos = [
        replace(zone, methods=tuple(replace(each, per_kg_rial=0) for each in zone.methods))
        for zone in servers.book.zones()
    ]
    assert [replace(zone, cities=tuple(sorted(zone.cities))) for zone in zones] == [
        replace(zone, cities=tuple(sorted(zone.cities))) for zone in demos
    ]


def test_a_server_is_broken_and_mended_while_it_runs(servers: Servers) -> None:
    (server,) = servers.start("tipax")
    carrier, code = servers.adapter("tipax"), "110418020260000104180"
    assert command(server, "GET")["on"] == []
    assert command(server, "POST", b'{"fault": "html"}')["on"] == ["html"]
    for _ in range(2):
        with pytest.raises(BadAnswer):
            carrier.track(code)
    assert command(server, "POST", b'{"fault": "slow"}')["on"] == ["slow"]
    with pytest.raises(Unavailable):
        carrier.track(code)
    assert command(server, "DELETE")["on"] == []
    assert carrier.track(code).status is DeliveryStatus.IN_TRANSIT


@pytest.mark.parametrize("body", [b'{"fault": "smoke"}', b"slow", b"{}", b'"slow"', b'{"fault": "slow", "for": 3}'])
def test_a_fault_that_is_none_is_told_and_breaks_nothing(servers: Servers, body: bytes) -> None:
    (server,) = servers.start("tipax")
    with pytest.raises(urllib.error.HTTPError) as refused:
        command(server, "POST", body)
    with refused.value as answer:
        said = json.load(answer)
    assert (answer.code, "slow" in said["faults"]) == (400, True)
    assert command(server, "GET")["on"] == []


def test_carriers_that_are_not_named_stay_the_demos(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    servers.start("tipax")
    settings = load_settings()
    key = settings.secret_key.get_secret_value()
    records = make_records(servers.engine, servers.clock, key)
    gate = FaultGate(servers.engine)

    def carriers() -> set[str]:
        words = lambda _language, code: code  # noqa: E731
        return set(
            make_outside(load_settings(), servers.engine, servers.clock, gate, records.snapshots, words).carriers
        )

    assert carriers() == {"post", "tipax", "chapar", "mahex", "dhl", "courier"}
    monkeypatch.setenv("PEYK_DEMO_CARRIERS", "false")
    assert carriers() == {"tipax"}


def test_names_that_do_not_go_are_one_line() -> None:
    with pytest.raises(SettingsError, match=r"there is no vendor `pishtaz` for the demo; there are: 17track, chapar, "):
        checked(["tipax", "pishtaz"])
    with pytest.raises(SettingsError, match="one shop at a time: choose one of woocommerce, shopify"):
        checked(["woocommerce", "tipax", "shopify"])
