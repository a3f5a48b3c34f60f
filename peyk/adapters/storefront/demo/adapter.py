"""The demo shop's tables for answers before buying."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import Engine, Select, select
from sqlalchemy.engine import Row

from peyk.adapters.demo_shop.database import connected, utc
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.tables import payment_methods, products, return_policy, shipments, shipping_methods, zones
from peyk.adapters.storefront.demo.mapping import best_first, to_product
from peyk.domain.shipping import PaymentMethods, Product, ReturnPolicy, ShippingMethod, ShippingZone
from peyk.errors import BadAnswer

SYSTEM = "storefront"
DAY_S = 86_400


class DemoStorefront:
    """Reads the demo shop's zones, policies, products and delivered parcels (the port `Storefront`)."""

    def __init__(self, engine: Engine, gate: FaultGate) -> None:
        self._engine = engine
        self._gate = gate

    def zones(self) -> list[ShippingZone]:
        """Return the shipping zones with their methods."""
        methods = self._rows(select(shipping_methods).order_by(shipping_methods.c.position))
        return [
            ShippingZone(
                zone.name, tuple(zone.cities), tuple(_method(m) for m in methods if m.zone == zone.name), zone.domestic
            )
            for zone in self._rows(select(zones).order_by(zones.c.position))
        ]

    def delivered_days(self, city: str, carrier: str | None = None) -> list[int]:
        """Return the days from hand-over to delivery, begun days counted whole, one number a parcel."""
        times = select(shipments.c.shipped_at, shipments.c.delivered_at)
        query = times.where(shipments.c.city == city, shipments.c.delivered_at.is_not(None))
        if carrier is not None:
            query = query.where(shipments.c.carrier == carrier)
        return [
            math.ceil((utc(row.delivered_at) - utc(row.shipped_at)).total_seconds() / DAY_S)
            for row in self._rows(query)
        ]

    def find_products(self, text: str, limit: int = 3) -> list[Product]:
        """Return the products whose title or words occur in `text`, best first; empty when none does."""
        return best_first([to_product(row) for row in self._rows(select(products))], text, limit)

    def return_policy(self) -> ReturnPolicy:
        """Return the shop's rule for returns."""
        rows = self._rows(select(return_policy))
        if not rows:
            raise BadAnswer(SYSTEM, "no return policy")
        row = rows[0]
        return ReturnPolicy(row.days, row.unopened_only, row.shop_pays_when_faulty, row.refund_days)

    def payment_methods(self) -> PaymentMethods:
        """Return how one may pay."""
        rows = self._rows(select(payment_methods).order_by(payment_methods.c.position))
        return PaymentMethods(tuple(row.method for row in rows))

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        self._gate.pass_as(SYSTEM)
        with connected(self._engine, SYSTEM) as connection:
            return list(connection.execute(query).all())


def _method(row: Row[Any]) -> ShippingMethod:
    return ShippingMethod(
        carrier=row.carrier,
        base_rial=row.base_rial,
        per_kg_rial=row.per_kg_rial,
        min_days=row.min_days,
        max_days=row.max_days,
        base_weight_g=row.base_weight_g,
        free_from_rial=row.free_from_rial,
        cash_on_delivery=row.cash_on_delivery,
    )
