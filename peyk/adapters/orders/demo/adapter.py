"""The demo shop as an order source."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Select, bindparam, select

from peyk.adapters.demo_shop.database import connected
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.tables import order_items, orders, shipments
from peyk.adapters.orders.demo.mapping import to_order
from peyk.domain.orders import Order
from peyk.errors import NotFound

SYSTEM = "shop"

# Built once: to build these costs more than to run them.
_BY_NUMBER = select(orders).where(orders.c.number == bindparam("wanted"))
_ITEMS = (
    select(order_items)
    .where(order_items.c.order_number.in_(bindparam("numbers", expanding=True)))
    .order_by(order_items.c.line)
)
_PARCELS = (
    select(shipments)
    .where(shipments.c.order_number.in_(bindparam("numbers", expanding=True)))
    .order_by(shipments.c.shipped_at, shipments.c.code)
)


class DemoOrders:
    """Reads the demo shop's orders (the port `OrderSource`)."""

    def __init__(self, engine: Engine, gate: FaultGate) -> None:
        self._engine = engine
        self._gate = gate

    def by_number(self, number: str) -> Order:
        """Return the order called `number` exactly. Raises NotFound."""
        return self._one(_BY_NUMBER, wanted=number)

    def by_suffix(self, digits: str, limit: int = 2) -> list[Order]:
        """Return at most `limit` orders whose number ends in `digits`."""
        ends_so = orders.c.number.endswith(digits, autoescape=True)
        return self._many(select(orders).where(ends_so).order_by(orders.c.number).limit(limit))

    def by_mobile(self, mobile: str, limit: int = 3) -> list[Order]:
        """Return the newest orders of a normalised mobile, newest first; empty when there are none."""
        newest_first = (orders.c.placed_at.desc(), orders.c.number.desc())
        return self._many(select(orders).where(orders.c.mobile == mobile).order_by(*newest_first).limit(limit))

    def by_tracking_code(self, code: str) -> Order:
        """Return the order a tracking code belongs to. Raises NotFound."""
        its = select(shipments.c.order_number).where(shipments.c.code == code)
        return self._one(select(orders).where(orders.c.number.in_(its)))

    def _one(self, query: Select[Any], **values: str) -> Order:
        found = self._many(query, **values)
        if not found:
            raise NotFound(SYSTEM)
        return found[0]

    def _many(self, query: Select[Any], **values: str) -> list[Order]:
        self._gate.pass_as(SYSTEM)
        with connected(self._engine, SYSTEM) as connection:
            rows = connection.execute(query, values).all()
            numbers = {"numbers": [row.number for row in rows]}
            items = connection.execute(_ITEMS, numbers).all()
            parcels = connection.execute(_PARCELS, numbers).all()
        return [
            to_order(
                row,
                [item for item in items if item.order_number == row.number],
                [parcel for parcel in parcels if parcel.order_number == row.number],
            )
            for row in rows
        ]
