"""WooCommerce's shipping zones, for answers before buying (the port `Storefront`).

WooCommerce knows where a zone is and what a way to ship costs; how many days it takes stands in the shop's own tables.
What cannot be told whole is not told at all: a zone left out would be "we do not ship there".
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from peyk.adapters.orders._reading import Unreadable, amount_of, field, id_of, row_of, rows_of, text_of
from peyk.adapters.orders._tables import ShopTables
from peyk.adapters.orders.woocommerce.client import WooCommerceApi
from peyk.domain.shipping import PaymentMethods, Product, ReturnPolicy, ShippingMethod, ShippingZone
from peyk.errors import BadAnswer, NotOffered
from peyk.ports.clock import Clock
from peyk.text.places import load_places

SYSTEM = "woocommerce"
HOME = "IR"
# Zones change now and then, and reading them takes two calls each.
FRESH = timedelta(minutes=30)
# "Locations not covered by your other zones" [D].
REST = "0"
PICK_UP = "local_pickup"
FREE = "free_shipping"
# What free shipping may require [D]: by the amount alone, by amount or coupon, or only with a coupon.
BY_AMOUNT = frozenset({"min_amount", "either"})
BY_COUPON = frozenset({"coupon", "both"})
# Costs by shipping class: what a parcel costs then depends on what is in it.
BY_CLASS = ("class_cost_", "no_class_cost")


class WooCommerceStorefront:
    """Reads shipping zones; products, policies and delivered parcels are not read from this shop."""

    def __init__(self, api: WooCommerceApi, tables: ShopTables, clock: Clock, currency: str) -> None:
        self._api = api
        self._tables = tables
        self._clock = clock
        self._currency = currency
        self._lock = threading.Lock()
        self._kept: tuple[datetime, list[ShippingZone]] | None = None

    def zones(self) -> list[ShippingZone]:
        """Return the shipping zones with their methods. Raises NotOffered where the shop's tables tell too little."""
        with self._lock:
            now = self._clock.now()
            if self._kept is None or now - self._kept[0] >= FRESH:
                try:
                    self._kept = now, self._read()
                except Unreadable as exc:
                    raise BadAnswer(SYSTEM, f"a shipping zone: {exc}") from None
            return self._kept[1]

    def delivered_days(self, city: str, carrier: str | None = None) -> list[int]:
        """Raise NotOffered: WooCommerce does not know when parcels arrive."""
        raise NotOffered(SYSTEM, "delivery times are not kept there")

    def find_products(self, text: str, limit: int = 3) -> list[Product]:
        """Raise NotOffered: products are not read."""
        raise NotOffered(SYSTEM, "products are not read from there")

    def return_policy(self) -> ReturnPolicy:
        """Raise NotOffered: a policy is no field of WooCommerce's."""
        raise NotOffered(SYSTEM, "policies are not kept there")

    def payment_methods(self) -> PaymentMethods:
        """Raise NotOffered: ways to pay are not read."""
        raise NotOffered(SYSTEM, "ways to pay are not read from there")

    def _read(self) -> list[ShippingZone]:
        rest, zones, taken = None, [], set[str]()
        for row in rows_of(self._api.zones(), "zones"):
            zone_id = str(row.get("id")) if row.get("id") == 0 else id_of(field(row, "id"))
            methods = self._methods(zone_id, text_of(row.get("name") or zone_id, "name"))
            if not methods:
                continue
            if zone_id == REST:
                rest = methods
                continue
            # A place belongs to the first zone it fits, in the shop's own order.
            cities = tuple(city for city in self._cities(zone_id) if city not in taken)
            taken |= set(cities)
            zones += _by_country(text_of(row.get("name") or zone_id, "name"), cities, methods)
        if rest is not None:
            others = tuple(place.name_en for place in load_places() if place.name_en not in taken)
            zones += _by_country("rest", others, rest)
        return zones

    def _cities(self, zone_id: str) -> list[str]:
        found: list[str] = []
        states = self._tables.section("states")
        for row in rows_of(self._api.zone_locations(zone_id), "locations"):
            kind, code = row.get("type"), text_of(field(row, "code"), "code")
            if kind == "country":
                found += [place.name_en for place in load_places() if place.country == code]
            elif kind == "state" and code in states:
                found += [str(city) for city in states[code]]
            else:
                raise NotOffered(SYSTEM, f"which cities lie in {kind} {code} is not known")
        return list(dict.fromkeys(found))

    def _methods(self, zone_id: str, zone: str) -> tuple[ShippingMethod, ...]:
        rows = [row for row in rows_of(self._api.zone_methods(zone_id), "methods") if row.get("enabled") is not False]
        # What needs a coupon is for those who have one: nobody who asks beforehand is told of it.
        rows = [row for row in rows if row.get("method_id") != PICK_UP and _needs(row) not in BY_COUPON]
        free_from = {
            self._row(row).get("carrier"): self._money(row, "min_amount") for row in rows if _needs(row) in BY_AMOUNT
        }
        told = [self._method(row, free_from) for row in rows if _needs(row) not in BY_AMOUNT]
        if rows and (not told or None in told):
            raise NotOffered(SYSTEM, f"cost or days of a way to ship into {zone} are not known")
        return tuple(method for method in told if method is not None)

    def _method(self, row: Mapping[str, Any], free_from: Mapping[Any, int | None]) -> ShippingMethod | None:
        known = self._row(row)
        cost = self._cost(row)
        carrier = known.get("carrier") or self._tables.carrier(text_of(row.get("title") or "", "title"))
        days = known.get("min_days"), known.get("max_days")
        if cost is None or not isinstance(carrier, str) or not all(isinstance(each, int) for each in days):
            return None
        return ShippingMethod(
            carrier=carrier,
            base_rial=cost,
            per_kg_rial=0,
            min_days=int(days[0] or 0),
            max_days=int(days[1] or 0),
            free_from_rial=free_from.get(carrier),
            cash_on_delivery=known.get("cash_on_delivery") is True,
        )

    def _cost(self, row: Mapping[str, Any]) -> int | None:
        """Return what a way costs in rial, None where that is not one amount for every parcel."""
        if row.get("method_id") == FREE:
            # Another plugin's condition is none we can tell.
            return None if _needs(row) else 0
        settings = row_of(row.get("settings"), "settings")
        if any(_value(settings, name) for name in settings if name.startswith(BY_CLASS)):
            return None
        return self._money(row, "cost")

    def _row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the shop's line about a way to ship: by its number, its title, its kind."""
        kind, number = str(row.get("method_id")), row.get("instance_id", row.get("id"))
        lines = self._tables.section("methods")
        names = (f"{kind}:{number}", str(row.get("title")), kind)
        return next((lines[name] for name in names if isinstance(lines.get(name), Mapping)), {})

    def _money(self, row: Mapping[str, Any], name: str) -> int | None:
        """Return an amount of a method's settings in rial; None for none and for a formula (`10 + [qty] * 5`)."""
        value = _value(row_of(row.get("settings"), "settings"), name)
        factor = self._tables.rial(self._currency)
        try:
            amount = amount_of(value, name) if value else None
        except Unreadable:
            return None
        return int(amount * factor) if factor is not None and amount is not None else None


def _needs(row: Mapping[str, Any]) -> str:
    """Return what free shipping requires; empty for nothing, and for a way that is not free."""
    return _value(row_of(row.get("settings"), "settings"), "requires") if row.get("method_id") == FREE else ""


def _value(settings: Mapping[str, Any], name: str) -> str:
    """Return the value of a setting; a blank one is empty."""
    value = row_of(settings.get(name), name).get("value")
    return text_of(value, name) if value is not None else ""


def _by_country(name: str, cities: tuple[str, ...], methods: tuple[ShippingMethod, ...]) -> list[ShippingZone]:
    home = {place.name_en for place in load_places() if place.country == HOME}
    parts = (tuple(c for c in cities if c in home), True), (tuple(c for c in cities if c not in home), False)
    return [ShippingZone(name, some, methods, domestic) for some, domestic in parts if some]
