"""Further orders, made up: the same ones for the same moment, for statistics and load tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from peyk.adapters.demo_shop.rows import Row, Rows, load

FIRST_NUMBER = 200_001
MOST_ORDERS = 790_000
SEED = 104_233
ORIGIN = "Tehran"
# How many of a hundred parcels go to each zone, in the order of data/shop.yml.
ZONE_WEIGHTS = {
    "tehran": 32,
    "around_tehran": 12,
    "provincial_capitals": 40,
    "free_zones": 2,
    "rest_of_iran": 11,
    "abroad": 3,
}
# The scans between the first and the delivery, with the share of the way done by then.
WAY = {
    "post": (("exchange", 0.2), ("sorted", 0.4), ("arrived", 0.8), ("postman", 0.95)),
    "tipax": (("hub", 0.2), ("departed", 0.4), ("arrived", 0.8), ("courier", 0.95)),
    "chapar": (("departed", 0.3), ("arrived", 0.8), ("courier", 0.95)),
    "mahex": (("departed", 0.3), ("arrived", 0.8), ("courier", 0.95)),
    "dhl": (("departed", 0.2), ("arrived", 0.6), ("courier", 0.95)),
    "courier": (("courier", 0.7),),
}
_LATE_IN_A_HUNDRED = 8
_PAYING = timedelta(minutes=3)
_PREPARING = timedelta(days=1)
_HISTORY_DAYS = 120


def generate(rows: Rows, now: datetime, products: Mapping[str, Row], orders: int) -> None:
    """Add `orders` made-up orders of the last four months. Raises ValueError for more than the numbers allow."""
    if orders > MOST_ORDERS:
        raise ValueError(f"at most {MOST_ORDERS} orders: the numbers have six digits")
    maker = _Maker(rows, now, products, customers=max(1, orders * 2 // 3))
    for index in range(orders):
        maker.add(index)


class _Maker:
    """Makes orders up, one after the other, with one random generator."""

    def __init__(self, rows: Rows, now: datetime, products: Mapping[str, Row], customers: int) -> None:
        self._rows = rows
        self._now = now
        self._products = products
        self._skus = list(products)
        self._customers = customers
        self._random = Random(SEED)  # noqa: S311 - the same orders every time are the point
        self._zones: list[dict[str, Any]] = load("shop")["zones"]
        self._zone_weights = list(accumulate(ZONE_WEIGHTS[zone["name"]] for zone in self._zones))
        # The cities of a zone are listed from the largest.
        self._city_weights = {
            zone["name"]: list(accumulate(1 / rank for rank in range(1, len(zone["cities"]) + 1)))
            for zone in self._zones
        }

    def add(self, index: int) -> None:
        """Add the order with this index, its payment, and its parcel if it has been shipped by now."""
        random, now = self._random, self._now
        zone = random.choices(self._zones, cum_weights=self._zone_weights)[0]
        method = random.choice(zone["methods"])
        placed = now - timedelta(minutes=random.randint(60, _HISTORY_DAYS * 24 * 60))
        shipped = placed + timedelta(hours=random.randint(3, 30))
        took = _took(random, method)
        delivered = shipped + took
        order: Row = {
            "number": f"TS-{FIRST_NUMBER + index}",
            "city": random.choices(zone["cities"], cum_weights=self._city_weights[zone["name"]])[0],
            "placed_at": placed,
            "paid_at": placed + _PAYING,
            "promised_at": placed + _PREPARING + timedelta(days=method["max_days"] + 1),
            "status": "delivered" if delivered <= now else "shipped" if shipped <= now else "preparing",
            **_person(random.randrange(self._customers)),
        }
        bought = self._add_order(order, method["base_rial"])
        if shipped > now:
            return
        self._rows.add_parcel(
            order,
            method["carrier"],
            _code(method["carrier"], index, random),
            shipped_at=shipped,
            delivered_at=delivered if delivered <= now else None,
            events=_scans(method["carrier"], order["city"], shipped, took, now),
            item_skus=bought,
        )

    def _add_order(self, order: Row, shipping_rial: int) -> list[str]:
        random = self._random
        bought = {sku: random.choice((1, 1, 1, 2)) for sku in random.sample(self._skus, random.choice((1, 1, 2)))}
        total = self._rows.add_order(order, bought, self._products, shipping_rial)
        ref_id = f"8{random.randrange(10**10):010d}"
        self._rows.add_payment(order["number"], "verified", total, order["paid_at"], ref_id=ref_id)
        return list(bought)


def _took(random: Random, method: Mapping[str, Any]) -> timedelta:
    """Draw how long a parcel is under way: mostly as promised, some longer."""
    days = random.triangular(method["min_days"] - 0.7, method["max_days"], method["min_days"] + 0.3)
    if random.randrange(100) < _LATE_IN_A_HUNDRED:
        days += random.uniform(1, 4)
    return timedelta(days=max(0.15, days))


def _scans(
    carrier: str, city: str, shipped: datetime, took: timedelta, now: datetime
) -> list[tuple[datetime, str, str]]:
    way = [("accepted", 0.0), *WAY[carrier], ("delivered", 1.0)]
    scans = [(shipped + took * share, key, ORIGIN if share < 0.5 else city) for key, share in way]
    return [scan for scan in scans if scan[0] <= now]


def _person(customer: int) -> Row:
    """Return the made-up customer with this number: always the same name, mobile and address."""
    random = Random(customer)  # noqa: S311 - as above
    people = load("people")
    return {
        # 0990 1…: apart from the mobiles of the stories.
        "mobile": f"09901{customer:06d}",
        "customer_name": f"{random.choice(people['first_names'])} {random.choice(people['last_names'])}",
        "address": f"{random.choice(people['streets'])}، پلاک {random.randint(1, 200)}",
    }


def _code(carrier: str, index: int, random: Random) -> str:
    """Return a code in the carrier's shape; the order's index in it keeps codes apart."""
    if carrier == "post":
        return f"{random.randrange(10**14, 10**15)}{index:09d}"
    if carrier == "tipax":
        return f"11{random.randrange(10**9, 10**10)}{index:09d}"
    if carrier == "dhl":
        return f"2{index:09d}"
    return f"TRK-{ {'chapar': 7, 'mahex': 6, 'courier': 9}[carrier] }{index:07d}"
