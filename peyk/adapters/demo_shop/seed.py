"""Fills the demo shop: its tables are made anew, its stories told from now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Table, insert

from peyk.adapters.demo_shop import tables
from peyk.adapters.demo_shop.database import connected
from peyk.adapters.demo_shop.generate import generate
from peyk.adapters.demo_shop.rows import Row, Rows, load
from peyk.adapters.demo_shop.stories import tell
from peyk.ports.clock import Clock

DEFAULT_ORDERS = 2000
BATCH = 5000


def seed(engine: Engine, clock: Clock, orders: int = DEFAULT_ORDERS) -> None:
    """Make the `demo_*` tables anew and fill them with the stories and `orders` further orders.

    The outbox stays: it is the customers' telephone. Faults are switched off. Raises
    Unavailable("demo_shop") when the database does not answer.
    """
    now = clock.now()
    rows = Rows()
    products = {product["sku"]: product for product in load("shop")["products"]}
    tell(rows, now, products)
    generate(rows, now, products, orders)
    with connected(engine, "demo_shop", writing=True) as connection:
        anew = [table for table in tables.metadata.sorted_tables if table not in tables.KEPT]
        tables.metadata.drop_all(connection, tables=anew)
        tables.metadata.create_all(connection)
        _fill_shop(connection)
        _write(connection, tables.orders, rows.orders)
        _write(connection, tables.order_items, rows.items)
        _write(connection, tables.shipments, rows.shipments)
        _write(connection, tables.parcels, rows.parcels)
        _write(connection, tables.payments, rows.payments)


def _fill_shop(connection: Connection) -> None:
    shop: dict[str, Any] = load("shop")
    _write(connection, tables.zones, [_zone(position, zone) for position, zone in enumerate(shop["zones"])])
    _write(connection, tables.shipping_methods, _methods(shop["zones"]))
    _write(connection, tables.products, [_product(product) for product in shop["products"]])
    _write(connection, tables.return_policy, [shop["return_policy"]])
    methods = [{"position": position, "method": method} for position, method in enumerate(shop["payment_methods"])]
    _write(connection, tables.payment_methods, methods)


def _zone(position: int, zone: Row) -> Row:
    return {
        "position": position,
        "name": zone["name"],
        "cities": zone["cities"],
        "domestic": zone.get("domestic", True),
    }


def _methods(zones: list[Row]) -> list[Row]:
    blank = {"base_weight_g": 1000, "free_from_rial": None, "cash_on_delivery": False}
    return [
        {**blank, "position": position, "zone": zone["name"], **method}
        for zone in zones
        for position, method in enumerate(zone["methods"])
    ]


def _product(product: Row) -> Row:
    blank: Row = {"in_stock": True, "sizes": []}
    titles = {"title_fa": product["fa"], "title_en": product["en"]}
    return {**blank, **{name: value for name, value in product.items() if name not in ("fa", "en")}, **titles}


def _write(connection: Connection, table: Table, rows: list[Row]) -> None:
    for start in range(0, len(rows), BATCH):
        connection.execute(insert(table), rows[start : start + BATCH])
