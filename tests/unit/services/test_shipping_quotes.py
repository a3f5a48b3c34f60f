"""Prices that carriers tell, beside the shop's own table: whose word counts, and what is said when one is silent."""

from __future__ import annotations

import pytest

from peyk.errors import BadAnswer, NotFound, RateLimited, Unavailable
from peyk.services.shipping_info import AnswerShipping, ShippingAnswer
from tests.unit.services.fakes import NOW
from tests.unit.services.quotes import FakeQuotes
from tests.unit.services.world import World


class Priced:
    """A world whose shop asks Postex and Tipax for prices."""

    def __init__(self) -> None:
        self.world = World()
        self.postex = FakeQuotes("postex", ("post", 590_000, 4), ("mahex", 1_450_000, 2))
        self.tipax = FakeQuotes("tipax", ("tipax", 870_000, None))
        self.shipping = AnswerShipping(
            storefront=self.world.storefront, settings=self.world.settings, quotes=[self.postex, self.tipax]
        )


@pytest.fixture
def priced() -> Priced:
    return Priced()


def costs(answer: ShippingAnswer) -> list[tuple[str, int | None, str]]:
    return [(way.method.carrier, way.cost_rial, way.quote.source if way.quote else "table") for way in answer.ways]


def test_a_carriers_own_price_stands_in_the_place_of_the_tables(priced: Priced) -> None:
    answer = priced.shipping.cost("Tehran", weight_g=2500)
    assert answer.kind == "ok"
    assert costs(answer) == [("post", 590_000, "postex"), ("tipax", 870_000, "tipax"), ("mahex", 1_450_000, "postex")]
    assert [way.quote.as_of for way in answer.ways if way.quote] == [NOW] * 3
    assert priced.postex.asked == [("Tehran", 2500, None)]


def test_basket_and_weight_are_told(priced: Priced) -> None:
    priced.shipping.cost("Tehran", basket_rial=4_000_000, weight_g=700)
    assert priced.tipax.asked == [("Tehran", 700, 4_000_000)]


def test_what_the_shop_gives_away_stays_free(priced: Priced) -> None:
    answer = priced.shipping.cost("Tehran", basket_rial=10_000_000)
    assert costs(answer)[0] == ("post", 0, "table")
    assert "post" not in [way.method.carrier for way in answer.ways[1:]]


@pytest.mark.parametrize("error", [Unavailable, BadAnswer, RateLimited])
def test_the_shops_own_line_stays_where_the_carrier_is_silent(priced: Priced, error: type[Exception]) -> None:
    priced.tipax.error = error("tipax")
    answer = priced.shipping.cost("Tehran")
    assert ("tipax", 900_000, "table") in costs(answer)
    assert answer.silent == ()


def test_who_is_silent_and_has_no_line_is_named(priced: Priced) -> None:
    priced.tipax.error = Unavailable("tipax")
    answer = priced.shipping.cost("Rasht")
    assert [way.method.carrier for way in answer.ways] == ["post", "mahex"]
    assert answer.silent == ("tipax",)
    assert priced.shipping.cost("Rasht", carrier="tipax").silent == ("tipax",)
    assert priced.shipping.cost("Rasht", carrier="post").silent == ()


def test_who_does_not_go_there_is_not_named(priced: Priced) -> None:
    priced.tipax.error = NotFound("tipax")
    answer = priced.shipping.cost("Rasht")
    assert answer.silent == ()
    assert priced.shipping.cost("Rasht", carrier="tipax").kind == "carrier_not_here"


def test_without_a_table_the_carriers_answer_alone(priced: Priced) -> None:
    priced.world.storefront.error = Unavailable("shop")
    assert costs(priced.shipping.cost("Shiraz")) == [
        ("post", 590_000, "postex"),
        ("mahex", 1_450_000, "postex"),
        ("tipax", 870_000, "tipax"),
    ]
    for answer in (priced.shipping.coverage("Shiraz"), priced.shipping.methods("Shiraz")):
        assert (answer.kind, len(answer.ways)) == ("ok", 3)
    assert priced.shipping.cost(None).kind == "no_city"


def test_without_a_table_and_without_a_price_nothing_is_said(priced: Priced) -> None:
    priced.world.storefront.error = Unavailable("shop")
    for error in (Unavailable("x"), NotFound("x")):
        priced.postex.error = priced.tipax.error = error
        for answer in (priced.shipping.cost("Shiraz"), priced.shipping.coverage("Shiraz")):
            assert (answer.kind, answer.ways) == ("unavailable", ())


def test_where_the_shop_does_not_ship_no_price_makes_it(priced: Priced) -> None:
    assert priced.shipping.cost("Reykjavik").kind == "not_served"


def test_the_table_answers_for_coverage_where_there_is_one(priced: Priced) -> None:
    assert priced.shipping.coverage("Tehran").kind == "ok"
    assert priced.postex.asked == []


def test_a_carrier_that_does_not_go_there_leaves_the_others_with_their_prices(world: World) -> None:
    answer = world.shipping.cost("Rasht", "tipax")
    assert (answer.kind, costs(answer)) == ("carrier_not_here", [("post", 450_000, "table")])
