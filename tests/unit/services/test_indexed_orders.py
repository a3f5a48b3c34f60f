"""What the index answers when a feed says what it should not: nothing is lost, and nothing old is told as new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.domain.orders import OrderStatus
from peyk.errors import BadAnswer, NotFound
from peyk.services.indexed_orders import Freshness, IndexedOrders
from peyk.store.handoff import StoredTicks
from peyk.store.shop_index import StoredShopIndex
from tests.fakes.statements import statements
from tests.unit.services.fakes import MOBILE, NOW, FakeClock
from tests.unit.services.test_shop_sync import FakeFeed, World

FRESH = Freshness(timedelta(seconds=300), timedelta(seconds=5))


@pytest.fixture
def store(engine_of: Callable[[str], Engine]) -> Engine:
    return engine_of("sqlite")


@pytest.fixture
def world(store: Engine, clock: FakeClock) -> World:
    """A shop with one order, just read."""
    world = World(clock, FakeFeed(clock), StoredShopIndex(store, "shop", SecretStr("k" * 40)))
    world.feed.put(1)
    world.turn()
    return world


@pytest.fixture
def orders(world: World, store: Engine) -> IndexedOrders:
    return IndexedOrders(world.feed, world.index, world.process(), StoredTicks(store), world.clock, FRESH)


def test_a_list_that_is_not_found_makes_no_order_not_found(world: World, orders: IndexedOrders) -> None:
    world.clock.advance(minutes=10)
    world.feed.error = NotFound("shop")
    with pytest.raises(BadAnswer):
        orders.by_number("TS-999999")
    assert world.index.count() == 1


@pytest.mark.parametrize("by_a_glance", [False, True])
def test_what_became_unreadable_is_as_old_as_what_was_read(
    world: World, orders: IndexedOrders, by_a_glance: bool
) -> None:
    for minutes in range(1, 11):
        world.clock.advance(minutes=1)
        if minutes == 1:
            world.feed.put(1, status=OrderStatus.DELIVERED)
            world.feed.bad = {1}
        if by_a_glance:
            world.process().glance()
        else:
            world.turn()
    number = "TS-100001"
    assert orders.by_mobile(MOBILE)[0].as_of == NOW
    assert orders.by_suffix("100001")[0].as_of == NOW
    assert orders.by_number(number).as_of == NOW
    world.feed.bad.clear()
    found = orders.by_number(number)
    assert (found.as_of, found.status) == (None, OrderStatus.DELIVERED)
    assert orders.by_mobile(MOBILE)[0].as_of is None


def test_what_is_fresh_is_one_question_to_the_store(orders: IndexedOrders, store: Engine) -> None:
    with statements(store) as seen:
        assert orders.by_mobile(MOBILE)[0].as_of is None
        assert orders.by_number("TS-100001").as_of is None
        assert orders.by_tracking_code("TRK-88392011").as_of is None
    assert len(seen) == 3
