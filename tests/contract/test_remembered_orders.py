"""A shop that is asked directly: its last good answer while it is down, as old as it is, and no longer than it may."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from threading import Event

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select

from peyk.domain.orders import Order, OrderStatus, ShipmentRef
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet, RateLimited, Unavailable
from peyk.ports.shops import Indexed, ShopOrder
from peyk.services.last_good import KEPT_AGAIN
from peyk.services.remembered_orders import RememberedOrders
from peyk.store.engine import reading
from peyk.store.prune import DONE_TTL, SNAPSHOT_TTL, prune
from peyk.store.shop_index import LAST_GOOD, StoredShopIndex
from peyk.store.tables import shop_codes, shop_orders
from tests.unit.services.fakes import MOBILE, NOW, OTHER_MOBILE, FakeClock, FakeOrders, order

NUMBER, CODE = "TS-104233", "TRK-88392011"
MOMENT = timedelta(microseconds=1)
DOWN = [Unavailable("shop"), BadAnswer("shop"), RateLimited("shop"), AccessRefused("shop")]


class Index(StoredShopIndex):
    """Counts what is written; `error` makes it fail."""

    writes = 0
    error: ExternalError | None = None

    def read(
        self, orders: Sequence[ShopOrder], gone: Collection[str], at: datetime, unreadable: Collection[str] = ()
    ) -> None:
        if self.error:
            raise self.error
        self.writes += 1
        super().read(orders, gone, at, unreadable)

    def by_number(self, number: str) -> Indexed | None:
        if self.error:
            raise self.error
        return super().by_number(number)


class World:
    """A shop with one order, and what remembers it."""

    def __init__(self, engine: Engine, clock: FakeClock) -> None:
        self.engine, self.clock = engine, clock
        self.shop = FakeOrders()
        self.shop.orders = [order()]
        self.kept = Index(engine, f"{LAST_GOOD}sql", SecretStr("k" * 40))
        self.orders = RememberedOrders(self.shop, self.kept, clock, 0.2)

    def rows(self) -> list[tuple[str, str | None, str]]:
        with reading(self.engine) as connection:
            found = connection.execute(select(shop_orders.c.source_id, shop_orders.c.number, shop_orders.c.body))
            return [(row.source_id, row.number, row.body) for row in found]


@pytest.fixture
def world(engine: Engine, clock: FakeClock) -> World:
    return World(engine, clock)


@pytest.mark.parametrize("failure", DOWN, ids=lambda each: each.kind)
def test_while_the_shop_is_down_its_last_word_is_given_with_its_age(world: World, failure: ExternalError) -> None:
    asked = world.orders.by_number(NUMBER)
    assert asked.as_of is None
    world.clock.advance(hours=3)
    world.shop.error = failure
    for again in (
        world.orders.by_number(NUMBER),
        world.orders.by_tracking_code(CODE),
        *world.orders.by_mobile(MOBILE),
    ):
        assert again.as_of == NOW
        assert (again.number, again.mobile, again.items) == (asked.number, asked.mobile, asked.items)
    world.shop.error = None
    assert world.orders.by_number(NUMBER).as_of is None


def test_what_was_never_asked_for_is_not_there(world: World) -> None:
    world.shop.error = Unavailable("shop")
    calls: list[Callable[[], object]] = [
        lambda: world.orders.by_number(NUMBER),
        lambda: world.orders.by_tracking_code(CODE),
        lambda: world.orders.by_mobile(MOBILE),
        lambda: world.orders.by_suffix("104233"),
    ]
    for call in calls:
        with pytest.raises(Unavailable):
            call()


def test_a_list_is_remembered_order_by_order(world: World) -> None:
    world.shop.orders.append(order("TS-104234", placed_at=NOW, shipments=()))
    world.orders.by_mobile(MOBILE)
    world.shop.error = Unavailable("shop")
    assert [each.number for each in world.orders.by_mobile(MOBILE)] == ["TS-104234", NUMBER]
    assert world.orders.by_number("TS-104234").as_of == NOW
    with pytest.raises(Unavailable):
        world.orders.by_mobile(OTHER_MOBILE)


def test_the_end_of_a_number_is_not_remembered(world: World) -> None:
    world.orders.by_number(NUMBER)
    assert [each.number for each in world.orders.by_suffix("104233")] == [NUMBER]
    world.shop.error = Unavailable("shop")
    with pytest.raises(Unavailable):
        world.orders.by_suffix("104233")


def test_not_found_and_not_yet_are_the_shops_to_say(world: World) -> None:
    world.orders.by_number(NUMBER)
    world.shop.error = NotYet("shop")
    with pytest.raises(NotYet):
        world.orders.by_number(NUMBER)
    world.shop.error = None
    with pytest.raises(NotFound):
        world.orders.by_number("TS-999999")
    assert len(world.rows()) == 1, "a guess leaves nothing behind"


def test_what_the_shop_has_no_more_is_forgotten(world: World) -> None:
    world.orders.by_number(NUMBER)
    world.shop.orders = []
    world.clock.advance(seconds=1)
    with pytest.raises(NotFound):
        world.orders.by_number(NUMBER)
    world.shop.error = Unavailable("shop")
    with pytest.raises(Unavailable):
        world.orders.by_number(NUMBER)
    assert world.rows() == [(NUMBER, None, "{}")], "nothing but its number"


def test_an_order_that_is_another_customers_now_is_forgotten_with_the_list(world: World) -> None:
    world.orders.by_mobile(MOBILE)
    world.shop.orders = [order(mobile=OTHER_MOBILE)]
    world.clock.advance(seconds=1)
    assert world.orders.by_mobile(MOBILE) == []
    world.shop.error = Unavailable("shop")
    with pytest.raises(Unavailable):
        world.orders.by_mobile(MOBILE)


def test_the_same_answer_is_not_written_again_before_it_has_grown_old(world: World) -> None:
    for _ in range(3):
        world.orders.by_number(NUMBER)
    assert world.kept.writes == 1
    world.shop.orders = [order(status=OrderStatus.DELIVERED)]
    world.orders.by_number(NUMBER)
    assert world.kept.writes == 2
    world.clock.advance(seconds=KEPT_AGAIN.total_seconds())
    world.orders.by_number(NUMBER)
    assert world.kept.writes == 3
    world.shop.error = Unavailable("shop")
    again = world.orders.by_number(NUMBER)
    assert (again.status, again.as_of) == (OrderStatus.DELIVERED, NOW + KEPT_AGAIN)


def test_a_shop_that_hangs_leaves_time_for_its_last_word(world: World, stuck: Event) -> None:
    world.orders.by_number(NUMBER)

    class Hanging(FakeOrders):
        def by_number(self, number: str) -> Order:
            stuck.wait(30)
            raise NotFound("shop")

    late = RememberedOrders(Hanging(), world.kept, world.clock, 0.05)
    assert late.by_number(NUMBER).as_of == NOW


def test_a_store_that_fails_is_no_obstacle(world: World) -> None:
    world.kept.error = Unavailable("store")
    assert world.orders.by_number(NUMBER).as_of is None
    world.shop.error = Unavailable("shop")
    with pytest.raises(Unavailable, match="shop"):
        world.orders.by_number(NUMBER)


def test_who_reads_a_column_learns_nobodys_mobile(world: World) -> None:
    world.orders.by_number(NUMBER)
    with reading(world.engine) as connection:
        row = connection.execute(select(shop_orders)).mappings().one()
    assert [name for name, value in row.items() if MOBILE in str(value)] == ["body"]


def test_it_is_forgotten_thirty_days_after_it_was_asked_for_last(world: World) -> None:
    world.shop.orders = [order(shipments=(ShipmentRef("post", CODE, NOW),))]
    world.orders.by_number(NUMBER)
    index = StoredShopIndex(world.engine, "sql", SecretStr("k" * 40))
    index.read([ShopOrder("7", order(), NOW)], [], NOW)
    prune(world.engine, NOW + SNAPSHOT_TTL - MOMENT)
    assert len(world.rows()) == 2
    prune(world.engine, NOW + SNAPSHOT_TTL)
    assert world.kept.by_number(NUMBER) is None
    assert index.by_number(NUMBER) is not None, "an index has a time of its own"
    with reading(world.engine) as connection:
        assert connection.execute(select(func.count()).select_from(shop_codes)).scalar_one() == 1


def test_a_shorter_time_of_the_shops_counts_here_too(world: World) -> None:
    world.orders.by_number(NUMBER)
    prune(world.engine, NOW + timedelta(days=7), timedelta(days=7))
    assert world.rows() == []


def test_of_what_is_gone_its_number_is_left_for_a_week(world: World) -> None:
    world.orders.by_number(NUMBER)
    world.shop.orders = []
    world.clock.advance(seconds=1)
    with pytest.raises(NotFound):
        world.orders.by_number(NUMBER)
    prune(world.engine, world.clock.now() + DONE_TTL)
    assert world.rows() == []
