"""OrderSource: the demo shop, remembered or not, an index of a shop that cannot search, and the fake answer alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.orders.demo import DemoOrders
from peyk.domain.orders import ShipmentRef
from peyk.errors import NotFound
from peyk.ports import OrderSource
from peyk.services.remembered_orders import RememberedOrders
from peyk.store.shop_index import LAST_GOOD, StoredShopIndex
from tests.conftest import STORES, MakeDatabase
from tests.contract.conftest import SUBJECTS, open_shop
from tests.contract.shop_subjects import SUBJECTS as SHOPS
from tests.contract.shop_subjects import indexed
from tests.unit.services.fakes import NOW, FakeClock, FakeOrders, order

MOBILE = "09121234567"
MakeEngine = Callable[[str], Engine]


@pytest.fixture(
    params=[*SUBJECTS, *(f"index of {name}" for name in SHOPS), *(f"{kind}, remembered" for kind in STORES)]
)
def source(request: pytest.FixtureRequest, database: MakeDatabase, engine_of: MakeEngine) -> Iterator[OrderSource]:
    kind, _, shop = request.param.partition(" of ")
    if shop:
        with SHOPS[shop]() as subject:
            for number, (mobile, at, code) in ORDERS.items():
                source_id = subject.place(mobile, at, number)
                if code:
                    subject.ship(source_id, code)
            made = indexed(subject, engine_of("sqlite"))
            made.sync.turn(NOW)
            yield made.orders
    elif kind == "fake":
        yield fake_orders()
    else:
        kind, _, is_remembered = kind.partition(", ")
        engine = open_shop(database(kind))
        demo = DemoOrders(engine, FaultGate(engine))
        kept = StoredShopIndex(engine, f"{LAST_GOOD}demo", SecretStr("k" * 40))
        yield RememberedOrders(demo, kept, FakeClock(), 5) if is_remembered else demo


def fake_orders() -> FakeOrders:
    fake = FakeOrders()
    fake.orders = [
        order("TS-104201", placed_at=NOW - timedelta(days=7), shipments=()),
        order("TS-104234", placed_at=NOW - timedelta(hours=2), shipments=()),
        order("TS-104233"),
        order("TS-104180", mobile="09351112233", shipments=(ShipmentRef("tipax", "1" * 21, NOW),)),
    ]
    return fake


# The same in a shop with a server of its own.
ORDERS = {
    "TS-104201": (MOBILE, NOW - timedelta(days=7), None),
    "TS-104234": (MOBILE, NOW - timedelta(hours=2), None),
    "TS-104233": (MOBILE, NOW - timedelta(days=3), "TRK-88392011"),
    "TS-104180": ("09351112233", NOW - timedelta(days=3), "1" * 21),
}


def test_an_order_by_its_exact_number(source: OrderSource) -> None:
    found = source.by_number("TS-104233")
    assert (found.number, found.mobile) == ("TS-104233", MOBILE)
    assert found.placed_at.utcoffset() == timedelta(0)
    assert [ref.tracking_code for ref in found.shipments] == ["TRK-88392011"]


@pytest.mark.parametrize("number", ["TS-999999", "104233", "ts-104233", "TS-104233 ", "", "TS-10423%", "' OR 1=1 --"])
def test_any_other_number_is_not_found(source: OrderSource, number: str) -> None:
    with pytest.raises(NotFound):
        source.by_number(number)


def test_orders_by_the_end_of_their_number(source: OrderSource) -> None:
    assert [each.number for each in source.by_suffix("104233")] == ["TS-104233"]
    assert source.by_suffix("999999") == []
    assert source.by_suffix("1042%%") == []
    assert source.by_suffix("______") == []


def test_the_end_of_numbers_is_limited(source: OrderSource) -> None:
    assert len(source.by_suffix("0", limit=1)) == 1


def test_the_newest_orders_of_a_mobile_first(source: OrderSource) -> None:
    assert [each.number for each in source.by_mobile(MOBILE)] == ["TS-104234", "TS-104233", "TS-104201"]
    assert [each.number for each in source.by_mobile(MOBILE, limit=2)] == ["TS-104234", "TS-104233"]


def test_a_mobile_without_orders_has_none(source: OrderSource) -> None:
    assert source.by_mobile("09120000000") == []


def test_an_order_by_its_tracking_code(source: OrderSource) -> None:
    assert source.by_tracking_code("TRK-88392011").number == "TS-104233"
    with pytest.raises(NotFound):
        source.by_tracking_code("TRK-00000000")
