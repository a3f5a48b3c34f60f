"""Storefront: the demo shop and the fake answer alike, and the demo's tables make sense."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import Engine

from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.storefront.demo import DemoStorefront
from peyk.domain.shipping import PaymentMethods, Product
from peyk.ports import Storefront
from tests.unit.services.fakes import FakeStorefront

CITIES = Path(__file__).parents[2] / "peyk" / "text" / "data" / "cities.csv"


@pytest.fixture
def storefront(subject_shop: Engine | None) -> Storefront:
    if subject_shop:
        return DemoStorefront(subject_shop, FaultGate(subject_shop))
    fake = FakeStorefront()
    fake.days["Tehran", ""] = [1, 2, 2]
    fake.days["Tehran", "post"] = [2, 2]
    return fake


@pytest.fixture
def demo(shop: Engine) -> DemoStorefront:
    return DemoStorefront(shop, FaultGate(shop))


def test_every_zone_has_cities_and_ways_with_whole_amounts(storefront: Storefront) -> None:
    zones = storefront.zones()
    cities = [city for zone in zones for city in zone.cities]
    assert len(cities) == len(set(cities))
    assert "Tehran" in cities
    for zone in zones:
        assert zone.methods
        for method in zone.methods:
            assert 0 < method.min_days <= method.max_days
            assert method.base_rial > 0
    assert [zone.domestic for zone in zones if "London" in zone.cities] == [False]


def test_days_to_a_city_one_number_a_parcel(storefront: Storefront) -> None:
    days = storefront.delivered_days("Tehran")
    post = storefront.delivered_days("Tehran", "post")
    assert 0 < len(post) < len(days)
    assert min(days) >= 1


def test_no_parcel_went_to_a_city_nobody_lives_in(storefront: Storefront) -> None:
    assert storefront.delivered_days("Nowhere") == []
    assert storefront.delivered_days("Tehran", "freight") == []


def test_a_product_by_its_name_or_none(storefront: Storefront) -> None:
    (found,) = storefront.find_products("do you have headphones?")
    assert found.title("en").lower().endswith("headphones")
    assert storefront.find_products("do you have submarines?") == []


def test_policies(storefront: Storefront) -> None:
    assert storefront.return_policy().days == 7
    assert isinstance(storefront.payment_methods(), PaymentMethods)


def test_the_demo_ships_to_cities_of_the_gazetteer_only(demo: DemoStorefront) -> None:
    with CITIES.open(encoding="utf-8", newline="") as lines:
        country = {row["name_en"]: row["country"] for row in csv.DictReader(lines)}
    for zone in demo.zones():
        for city in zone.cities:
            assert (country[city] == "IR") is zone.domestic


def test_the_ways_of_a_zone_are_in_the_shops_order(demo: DemoStorefront) -> None:
    tehran = next(zone for zone in demo.zones() if zone.name == "tehran")
    assert [method.carrier for method in tehran.methods] == ["courier", "post", "tipax", "chapar"]
    assert tehran.methods[0].cash_on_delivery is True
    assert tehran.methods[1].free_from_rial == 20_000_000


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("همون هدفونه چنده؟", ["HP-210"]),
        ("هدفون‌های شما گارانتی داره؟", ["HP-210"]),
        ("ketri bargi darid", ["KT-500"]),
        ("How much are the walking shoes?", ["SN-440"]),
        ("is the SMART WATCH in stock", ["WT-610"]),
        ("كتري برقي", ["KT-500"]),
        ("پیراهنتون سایز XL داره؟", ["SH-330"]),
        ("کتاب می‌خوام یا کتری برقی سپهر", ["KT-500", "BK-101"]),
        ("کتابخانه", []),
        ("the bookings", []),
        ("", []),
    ],
)
def test_products_are_found_as_people_call_them(demo: DemoStorefront, text: str, skus: list[str]) -> None:
    assert [product.sku for product in demo.find_products(text)] == skus


def test_only_so_many_products(demo: DemoStorefront) -> None:
    text = "کتاب پیراهن کتری کفش ساعت"
    assert len(demo.find_products(text)) == 3
    assert len(demo.find_products(text, limit=5)) == 5


def test_a_product_has_its_facts(demo: DemoStorefront) -> None:
    (shirt,) = demo.find_products("shirt")
    assert isinstance(shirt, Product)
    assert (shirt.sizes, shirt.in_stock, shirt.warranty_months) == (("M", "L", "XL", "XXL"), True, 0)
    (lamp,) = demo.find_products("lamp")
    assert (lamp.sizes, lamp.in_stock) == ((), False)
