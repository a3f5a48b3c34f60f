"""Moves the demo's orders on, one stage a call (the edge's port `DemoProgress`)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.engine import Row

from peyk.adapters.demo_shop.database import connected
from peyk.adapters.demo_shop.generate import ORIGIN, WAY
from peyk.adapters.demo_shop.rows import load
from peyk.adapters.demo_shop.tables import orders, parcels, shipments
from peyk.errors import NotFound
from peyk.ports.clock import Clock

BEFORE_SHIPPING = {"awaiting_payment": "paid", "paid": "preparing", "on_hold": "preparing"}
CARRIER = "post"


class DemoProgress:
    """Lets time pass for one order."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def advance(self, number: str) -> str | None:
        """Bring an order to its next stage and return what it is now; None when it is at its end. Raises NotFound."""
        now = self._clock.now()
        with connected(self._engine, "demo_shop", writing=True) as connection:
            order = connection.execute(select(orders).where(orders.c.number == number)).one_or_none()
            if order is None:
                raise NotFound("demo_shop")
            if order.status in BEFORE_SHIPPING:
                return _prepare(connection, order, now)
            if order.status == "preparing":
                return _ship(connection, order, now)
            if order.status == "shipped":
                return _scan(connection, order, now)
            if order.refund_started_at is not None and order.refund_done_at is None:
                _change(connection, number, refund_done_at=now)
                return "refunded"
            return None


def _change(connection: Connection, number: str, **values: Any) -> None:
    connection.execute(update(orders).where(orders.c.number == number).values(**values))


def _prepare(connection: Connection, order: Row[Any], now: datetime) -> str:
    status = BEFORE_SHIPPING[order.status]
    _change(connection, order.number, status=status, paid_at=order.paid_at or now, hold_reason=None)
    return status


def _ship(connection: Connection, order: Row[Any], now: datetime) -> str:
    # The same code for the same order, in the carrier's shape.
    code = f"TRK-8{int(hashlib.sha256(order.number.encode()).hexdigest(), 16) % 10**7:07d}"
    shipment = {"code": code, "order_number": order.number, "carrier": CARRIER, "city": order.city}
    connection.execute(insert(shipments).values(**shipment, shipped_at=now, delivered_at=None, item_skus=[]))
    scan = _scanned("accepted", CARRIER, ORIGIN, now)
    parcel = {"carrier": CARRIER, "code": code, "status": scan["status"], "events": [scan], "attempts": 0}
    connection.execute(insert(parcels).values(**parcel))
    _change(connection, order.number, status="shipped")
    return "shipped"


def _scan(connection: Connection, order: Row[Any], now: datetime) -> str | None:
    """Add the next scan of the first parcel that has not arrived; with the last one's arrival the order has."""
    its = (shipments.c.order_number == order.number) & shipments.c.delivered_at.is_(None)
    query = select(parcels).join(
        shipments, (shipments.c.code == parcels.c.code) & (shipments.c.carrier == parcels.c.carrier)
    )
    left = connection.execute(query.where(its).order_by(shipments.c.shipped_at, parcels.c.code)).all()
    if not left or left[0].status == "return_to_sender":
        return None
    parcel = left[0]
    key = _next_key(parcel)
    scan = _scanned(key, parcel.carrier, order.city, now)
    here = (parcels.c.carrier == parcel.carrier) & (parcels.c.code == parcel.code)
    values = {"status": scan["status"], "reason": None, "events": [*parcel.events, scan]}
    connection.execute(update(parcels).where(here).values(**values))
    if key == "delivered":
        arrived = (shipments.c.code == parcel.code) & (shipments.c.carrier == parcel.carrier)
        connection.execute(update(shipments).where(arrived).values(delivered_at=now))
        if len(left) == 1:
            _change(connection, order.number, status="delivered")
    return str(scan["status"])


def _next_key(parcel: Row[Any]) -> str:
    way = ("accepted", *(key for key, _ in WAY[parcel.carrier]), "delivered")
    words = load("events")[parcel.carrier]
    written = {event["fa"] for event in parcel.events}
    done = [place for place, key in enumerate(way) if words[key]["fa"] in written]
    return way[min(max(done, default=-1) + 1, len(way) - 1)]


def _scanned(key: str, carrier: str, city: str, now: datetime) -> dict[str, Any]:
    return {"at": now.isoformat(), "city": city, **load("events")[carrier][key]}
