"""Shipping zones of WooCommerce: whole and true, or not told at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from peyk.adapters.orders._tables import ShopTables
from peyk.domain.shipping import ShippingMethod, ShippingZone
from peyk.errors import BadAnswer, ExternalError, Unavailable
from peyk.ports import Storefront
from peyk.text.places import load_places
from tests.contract.shop_subjects import Unknown, woocommerce_subject
from tests.fakes.vendor_http import Fault
from tests.fakes.woocommerce import FakeWooCommerce

Json = dict[str, Any]
TABLES = """
methods:
  flat_rate:3: {carrier: post, min_days: 3, max_days: 5, cash_on_delivery: true}
  free_shipping: {carrier: post, min_days: 3, max_days: 5}
  Tipax: {min_days: 1, max_days: 2}
"""
POST = ShippingMethod("post", 450_000, 0, 3, 5, cash_on_delivery=True)
TIPAX = ShippingMethod("tipax", 900_000, 0, 1, 2)


def method(kind: str, number: int, title: str, **values: str) -> Json:
    settings = {name: {"id": name, "value": value} for name, value in values.items()}
    return {
        "id": number,
        "instance_id": number,
        "title": title,
        "method_id": kind,
        "enabled": True,
        "settings": settings,
    }


FLAT = method("flat_rate", 3, "\u067e\u0633\u062a", cost="45000")
TEHRAN: list[Json] = [{"code": "IR:THR", "type": "state"}]
IRAN: list[Json] = [{"code": "IR", "type": "country"}]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tables.yml"
    path.write_text(TABLES, encoding="utf-8")
    return path


@contextmanager
def connected(file: Path) -> Iterator[tuple[FakeWooCommerce, Storefront]]:
    with woocommerce_subject(tables=file) as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        assert subject.shop.storefront is not None
        yield subject.server, subject.shop.storefront


def zone(name: str, locations: list[Json], *methods: Json) -> Json:
    return {"name": name, "locations": locations, "methods": list(methods)}


def told(file: Path, **zones: Json) -> list[ShippingZone]:
    with connected(file) as (server, storefront):
        server.zones = {int(number[1:]): each for number, each in zones.items()}
        return storefront.zones()


def test_zones_with_their_ways(file: Path) -> None:
    tipax = method("flat_rate", 4, "Tipax", cost="90000")
    first, second = told(file, z1=zone("capital", TEHRAN, FLAT, tipax), z2=zone("iran", IRAN, FLAT))
    assert (first.name, first.methods, first.domestic) == ("capital", (POST, TIPAX), True)
    assert "Rey" in first.cities
    assert "Tehran" not in second.cities
    assert "Kashan" in second.cities


def test_free_above_an_amount_is_the_same_carriers(file: Path) -> None:
    free = method("free_shipping", 5, "free", requires="min_amount", min_amount="1000000")
    (only,) = told(file, z1=zone("iran", IRAN, FLAT, free))
    assert [(each.carrier, each.free_from_rial) for each in only.methods] == [("post", 10_000_000)]


@pytest.mark.parametrize(
    ("needs", "free_from"), [("min_amount", 10_000_000), ("either", 10_000_000), ("coupon", None), ("both", None)]
)
def test_what_needs_a_coupon_is_free_for_nobody_who_asks(file: Path, needs: str, free_from: int | None) -> None:
    free = method("free_shipping", 5, "free", requires=needs, min_amount="1000000")
    (only,) = told(file, z1=zone("iran", IRAN, FLAT, free))
    assert [(each.base_rial, each.free_from_rial) for each in only.methods] == [(450_000, free_from)]


@pytest.mark.parametrize("amount", ["", " ", "[cost]"])
def test_free_above_no_amount_is_not_free(file: Path, amount: str) -> None:
    free = method("free_shipping", 5, "free", requires="min_amount", min_amount=amount)
    (only,) = told(file, z1=zone("iran", IRAN, FLAT, free))
    assert only.methods == (POST,)


def test_free_for_all_costs_nothing(file: Path) -> None:
    (only,) = told(file, z1=zone("iran", IRAN, method("free_shipping", 5, "free", requires="")))
    assert [each.base_rial for each in only.methods] == [0]


def test_the_rest_of_the_world_is_the_rest(file: Path) -> None:
    home, rest, abroad = told(file, z0=zone("", [], FLAT), z1=zone("capital", TEHRAN, FLAT))
    assert home.name == "capital"
    assert (rest.domestic, "Kashan" in rest.cities, "Tehran" in rest.cities) == (True, True, False)
    assert (abroad.domestic, "London" in abroad.cities) == (False, True)


@pytest.mark.parametrize(
    "unknown",
    [
        zone("x", IRAN, method("flat_rate", 9, "\u067e\u0633\u062a", cost="45000")),
        zone("x", IRAN, method("flat_rate", 3, "\u067e\u0633\u062a", cost="10 + [qty] * 5")),
        zone("x", IRAN, method("flat_rate", 3, "\u067e\u0633\u062a")),
        zone("x", IRAN, method("flat_rate", 3, "\u067e\u0633\u062a", cost=" ")),
        zone("x", IRAN, method("flat_rate", 3, "\u067e\u0633\u062a", cost="45000", class_cost_12="9000")),
        zone("x", IRAN, method("flat_rate", 3, "\u067e\u0633\u062a", cost="", no_class_cost="45000")),
        zone("x", IRAN, method("free_shipping", 5, "free", requires="another plugin's")),
        zone("x", IRAN, method("free_shipping", 5, "free", requires="min_amount", min_amount="1000000")),
        zone("x", [{"code": "EU", "type": "continent"}], FLAT),
        zone("x", [{"code": "TR:TR34", "type": "state"}], FLAT),
    ],
)
def test_what_is_not_known_whole_is_not_told(file: Path, unknown: Json) -> None:
    with pytest.raises(Unavailable):
        told(file, z1=zone("capital", TEHRAN, FLAT), z2=unknown)


def test_empty_costs_of_classes_change_nothing(file: Path) -> None:
    plain = method("flat_rate", 3, "\u067e\u0633\u062a", cost="45000", class_cost_12="", no_class_cost="")
    assert told(file, z1=zone("iran", IRAN, plain))[0].methods == (POST,)


def test_pick_up_and_what_is_switched_off_are_no_ways(file: Path) -> None:
    off, pick_up = {**FLAT, "enabled": False}, method("local_pickup", 8, "shop")
    assert told(file, z1=zone("iran", IRAN, off, pick_up)) == []


def test_zones_are_read_once_in_a_while(file: Path) -> None:
    with connected(file) as (server, storefront):
        server.zones = {1: zone("iran", IRAN, FLAT)}
        storefront.zones()
        calls = len(server.calls)
        assert len(storefront.zones()) == 1
        assert len(server.calls) == calls


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SERVER_ERROR, Unavailable),
        (Fault.HTML, BadAnswer),
        (Fault.WRONG_TYPES, BadAnswer),
        (Fault.NO_ROUTE, BadAnswer),
    ],
)
def test_faults_are_named(file: Path, fault: Fault, error: type[ExternalError]) -> None:
    with connected(file) as (server, storefront):
        server.zones = {1: zone("iran", IRAN, FLAT)}
        server.fail(fault, times=9)
        with pytest.raises(error):
            storefront.zones()


def test_the_rest_is_not_read_from_this_shop(file: Path) -> None:
    with connected(file) as (_, storefront):
        calls: list[Callable[[], object]] = [
            lambda: storefront.find_products("x"),
            storefront.return_policy,
            storefront.payment_methods,
            lambda: storefront.delivered_days("Tehran"),
        ]
        for call in calls:
            with pytest.raises(Unavailable):
                call()


def test_every_city_of_iran_lies_in_one_province() -> None:
    states = ShopTables.load("w", "peyk.adapters.orders.woocommerce", None, Unknown()).section("states")
    cities = [city for each in states.values() for city in each]
    assert len(states) == 31
    assert sorted(cities) == sorted(place.name_en for place in load_places() if place.country == "IR")
