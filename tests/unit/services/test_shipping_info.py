"""Answers before buying: only what the tables and the delivered parcels say."""

from __future__ import annotations

import pytest

from peyk.domain.shipping import DeliveryTimes, ShippingMethod
from peyk.errors import BadAnswer, Unavailable
from peyk.services.shipping_info import cost_rial, measure, nearest_rank
from tests.unit.services.world import World


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([5], 50, 5),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        ([3, 1, 2], 90, 3),
        (list(range(1, 11)), 50, 5),
        (list(range(1, 11)), 90, 9),
        (list(range(1, 12)), 90, 10),
        ([1] * 9 + [30], 90, 1),
        ([1] * 8 + [30] * 2, 90, 30),
    ],
)
def test_nearest_rank(values: list[int], percent: int, expected: int) -> None:
    assert nearest_rank(values, percent) == expected


def test_statistics_need_ten_parcels() -> None:
    assert measure([2] * 9) is None
    assert measure([2] * 10) == DeliveryTimes(10, 2, 2)


POST = ShippingMethod("post", 450_000, 80_000, 3, 5, base_weight_g=1000, free_from_rial=10_000_000)


@pytest.mark.parametrize(
    ("weight_g", "basket_rial", "expected"),
    [
        (1, None, 450_000),
        (1000, None, 450_000),
        (1001, None, 530_000),
        (2000, None, 530_000),
        (2001, None, 610_000),
        (5000, 9_999_999, 770_000),
        (5000, 10_000_000, 0),
    ],
)
def test_cost(weight_g: int, basket_rial: int | None, expected: int) -> None:
    assert cost_rial(POST, weight_g, basket_rial) == expected


def test_free_shipping_only_where_the_method_has_it() -> None:
    assert cost_rial(ShippingMethod("tipax", 900_000, 0, 1, 2), 1000, 10**9) == 900_000


class TestDeliveryTime:
    """Measured days where there are enough parcels, else the promise."""

    def test_measured_by_city_and_carrier(self, world: World) -> None:
        world.storefront.days = {("Tehran", "post"): [3] * 6 + [4] * 5 + [9], ("Tehran", "tipax"): [1] * 3}
        answer = world.shipping.delivery_time("Tehran")
        measured = {way.method.carrier: way.measured for way in answer.ways}
        assert answer.kind == "ok"
        assert measured == {"post": DeliveryTimes(12, 3, 4), "tipax": None}

    def test_one_carrier(self, world: World) -> None:
        answer = world.shipping.delivery_time("Tehran", "tipax")
        assert [way.method.carrier for way in answer.ways] == ["tipax"]

    def test_statistics_that_fail_leave_the_promise(self, world: World) -> None:
        world.storefront.days_error = Unavailable("shop")
        answer = world.shipping.delivery_time("Tehran")
        assert (answer.kind, [way.measured for way in answer.ways]) == ("ok", [None, None])


ASKS = ["delivery_time", "coverage", "methods", "cost"]


@pytest.mark.parametrize("ask", ASKS)
class TestEveryAnswerAboutACity:
    """The same kinds for time, coverage, ways and cost."""

    def test_served(self, world: World, ask: str) -> None:
        answer = getattr(world.shipping, ask)("Tehran")
        assert (answer.kind, answer.city, answer.domestic) == ("ok", "Tehran", True)
        assert [way.method.carrier for way in answer.ways] == ["post", "tipax"]

    def test_abroad(self, world: World, ask: str) -> None:
        answer = getattr(world.shipping, ask)("London")
        assert (answer.kind, answer.domestic, answer.ways[0].method.carrier) == ("ok", False, "dhl")

    def test_not_served(self, world: World, ask: str) -> None:
        answer = getattr(world.shipping, ask)("Reykjavik")
        assert (answer.kind, answer.ways) == ("not_served", ())

    def test_no_city(self, world: World, ask: str) -> None:
        answer = getattr(world.shipping, ask)(None)
        assert answer.kind == "no_city"
        assert [way.method.carrier for way in answer.ways] == ["post", "tipax"]

    @pytest.mark.parametrize("error", [Unavailable, BadAnswer])
    def test_unavailable(self, world: World, ask: str, error: type[Exception]) -> None:
        world.storefront.error = error("shop")
        assert getattr(world.shipping, ask)("Tehran").kind == "unavailable"


@pytest.mark.parametrize("ask", ["delivery_time", "cost"])
def test_a_carrier_that_does_not_go_there(world: World, ask: str) -> None:
    answer = getattr(world.shipping, ask)("Rasht", "tipax")
    assert (answer.kind, answer.carrier) == ("carrier_not_here", "tipax")
    assert [way.method.carrier for way in answer.ways] == ["post"], "what the city has instead"


def test_cost_by_every_way(world: World) -> None:
    answer = world.shipping.cost("Tehran", basket_rial=10_000_000, weight_g=2500)
    assert {way.method.carrier: way.cost_rial for way in answer.ways} == {"post": 0, "tipax": 1_200_000}
    assert (answer.basket_rial, answer.weight_g) == (10_000_000, 2500)


def test_returns_payments_products(world: World) -> None:
    returns, payments = world.shipping.returns(), world.shipping.payments()
    assert (returns.kind, returns.policy.days if returns.policy else 0) == ("ok", 7)
    assert (payments.kind, payments.methods.methods if payments.methods else ()) == ("ok", ("gateway", "card"))
    assert world.shipping.products("are the headphones in stock?").products == (world.storefront.headphones,)
    assert world.shipping.products("a spaceship").kind == "no_product"


def test_returns_payments_products_unavailable(world: World) -> None:
    world.storefront.error = Unavailable("shop")
    assert world.shipping.returns().kind == "unavailable"
    assert world.shipping.payments().kind == "unavailable"
    assert world.shipping.products("headphones").kind == "unavailable"


def test_a_shop_that_hangs_is_unavailable() -> None:
    world = World({"deadline_s": 0.1})
    world.storefront.zones = world.hang  # type: ignore[method-assign,assignment]
    try:
        assert world.shipping.coverage("Tehran").kind == "unavailable"
    finally:
        world.stuck.set()
