"""OrderSource: the demo shop and the fake answer alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.orders.demo import DemoOrders
from peyk.domain.orders import ShipmentRef
from peyk.errors import NotFound
from peyk.ports import OrderSource
from tests.unit.services.fakes import NOW, FakeOrders, order

MOBILE = "09121234567"


@pytest.fixture
def source(subject_shop: Engine | None) -> OrderSource:
    if subject_shop:
        return DemoOrders(subject_shop, FaultGate(subject_shop))
    fake = FakeOrders()
    fake.orders = [
        order("TS-104201", placed_at=NOW - timedelta(days=7), shipments=()),
        order("TS-104234", placed_at=NOW - timedelta(hours=2), shipments=()),
        order("TS-104233"),
        order("TS-104180", mobile="09351112233", shipments=(ShipmentRef("tipax", "1" * 21, NOW),)),
    ]
    return fake


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
