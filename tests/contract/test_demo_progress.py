"""The demo's orders move on when told to, one stage a call, until they are at their end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from peyk.adapters.carriers.demo import demo_carriers
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.progress import DemoProgress
from peyk.adapters.demo_shop.seed import seed
from peyk.adapters.orders.demo import DemoOrders
from peyk.domain.orders import Order
from peyk.domain.shipments import Tracking
from peyk.errors import NotFound
from peyk.store.engine import make_engine
from tests.unit.services.fakes import FakeClock

MOST_STAGES = 20


@pytest.fixture
def shop_of_its_own(tmp_path: Path, clock: FakeClock) -> Iterator[Engine]:
    """A demo shop no other test reads: its orders are changed."""
    engine = make_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    seed(engine, clock, 0)
    yield engine
    engine.dispose()


def order_of(engine: Engine, number: str) -> Order:
    return DemoOrders(engine, FaultGate(engine)).by_number(number)


def parcels_of(engine: Engine, clock: FakeClock, number: str) -> list[Tracking]:
    carriers = demo_carriers(engine, clock, FaultGate(engine))
    return [carriers[each.carrier].track(each.tracking_code) for each in order_of(engine, number).shipments]


def to_the_end(engine: Engine, clock: FakeClock, number: str) -> list[str]:
    progress = DemoProgress(engine, clock)
    stages: list[str] = []
    while (stage := progress.advance(number)) is not None:
        stages.append(stage)
        clock.advance(hours=1)
        assert len(stages) < MOST_STAGES
    return stages


@pytest.mark.parametrize(
    ("number", "stages"),
    [
        ("TS-104233", ["in_transit", "in_transit", "out_for_delivery", "delivered"]),
        ("TS-104240", ["paid", "preparing", "shipped", "in_transit", "in_transit", "in_transit", "out_for_delivery"]),
        ("TS-104170", ["preparing", "shipped"]),
        ("TS-104220", ["out_for_delivery", "delivered"]),
        ("TS-104201", []),
        ("TS-104155", ["refunded"]),
        ("TS-104175", []),
    ],
)
def test_an_order_goes_its_way(shop_of_its_own: Engine, clock: FakeClock, number: str, stages: list[str]) -> None:
    went = to_the_end(shop_of_its_own, clock, number)
    assert went[: len(stages)] == stages
    if went and went[-1] != "refunded":
        assert went[-1] == "delivered"
        assert order_of(shop_of_its_own, number).status == "delivered"
        for tracking in parcels_of(shop_of_its_own, clock, number):
            assert tracking.status == "delivered"
            assert list(tracking.events) == sorted(tracking.events, key=lambda event: event.at)
    assert DemoProgress(shop_of_its_own, clock).advance(number) is None


def test_of_two_parcels_both_arrive_before_the_order_has(shop_of_its_own: Engine, clock: FakeClock) -> None:
    to_the_end(shop_of_its_own, clock, "TS-104250")
    assert [each.status for each in parcels_of(shop_of_its_own, clock, "TS-104250")] == ["delivered"] * 2


def test_no_other_order_moves(shop_of_its_own: Engine, clock: FakeClock) -> None:
    before = order_of(shop_of_its_own, "TS-104234")
    to_the_end(shop_of_its_own, clock, "TS-104233")
    assert order_of(shop_of_its_own, "TS-104234") == before


def test_an_unknown_number(shop_of_its_own: Engine, clock: FakeClock) -> None:
    with pytest.raises(NotFound):
        DemoProgress(shop_of_its_own, clock).advance("TS-999999")
