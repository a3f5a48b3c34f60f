"""The index of a shop's orders: filling it, finding orders in it, and taking webhooks into it.

Orders are WooCommerce's, as its API writes them, and read by its adapter; its own answering time is not in the numbers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.adapters.clock import SystemClock
from peyk.adapters.orders._tables import ShopTables
from peyk.adapters.orders.woocommerce.adapter import WooCommerceWebhooks
from peyk.adapters.orders.woocommerce.mapping import Rules, to_order
from peyk.launcher.console import say, step
from peyk.ports.shops import OrdersPage, ShopOrder
from peyk.services.indexed_orders import Freshness, IndexedOrders
from peyk.services.shop_news import ShopIntake, Taken
from peyk.services.shop_sync import ShopSync, SyncRules
from peyk.store.engine import make_engine, normalise_url
from peyk.store.handoff import StoredTicks
from peyk.store.migrate import upgrade
from peyk.store.shop_index import StoredShopIndex
from peyk.store.unknown_codes import StoredUnknownCodes

ORDERS, LOOKUPS, DELIVERIES = 200_000, 3_000, 5_000
# Every sixth order is another one of the same customer.
CUSTOMERS = ORDERS // 6
PAGE = 100
# As many as the edge has for its store.
THREADS = 4
POSTGRESQL_URL = "postgresql://root@127.0.0.1:5432/postgres"
GOAL_MS = 20.0
SECRET = SecretStr("bench-webhook-secret")
KEY = SecretStr("bench-key-of-the-index-" * 2)
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Indexed:
    """What one database does: orders a second of a first fill, look-ups in ms (p50, p99), webhooks a second."""

    database: str
    orders: int
    filled_per_s: float
    lookups_ms: dict[str, tuple[float, float]]
    webhooks_per_s: float

    def as_dict(self) -> dict[str, object]:
        """Return the numbers for the results file."""
        return {
            "database": self.database,
            "orders": self.orders,
            "filled_per_s": round(self.filled_per_s, 1),
            "lookups_ms": {name: [round(value, 3) for value in pair] for name, pair in self.lookups_ms.items()},
            "webhooks_per_s": round(self.webhooks_per_s, 1),
        }

    def lines(self) -> list[str]:
        """Return the table."""
        head = f"{self.database}: {self.orders} orders in the index"
        rows = [f"{f'  by {name}':40} {p50:8.2f} {p99:8.2f}" for name, (p50, p99) in self.lookups_ms.items()]
        return [
            f"{head:40} {'p50 ms':>8} {'p99 ms':>8}  (wanted: by mobile {GOAL_MS:g})",
            *rows,
            f"{'  first fill, orders a second':40} {self.filled_per_s:8.0f}",
            f"{'  webhooks a second':40} {self.webhooks_per_s:8.0f}",
        ]


class _Feed:
    """A shop that answers at once (the port `OrderFeed`)."""

    system = "woocommerce"

    def __init__(self, rules: Rules, orders: int) -> None:
        self._rules = rules
        self._orders = orders

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        begin = int(cursor or 0)
        end = min(begin + PAGE, self._orders)
        page = tuple(to_order(raw_order(number), self._rules) for number in range(begin, end))
        return OrdersPage(page, str(end) if end < self._orders else None, self._orders)

    def one(self, source_id: str) -> ShopOrder:
        return to_order(raw_order(int(source_id) - 1), self._rules)


def measure(folder: Path, orders: int = ORDERS) -> list[Indexed]:
    """Measure on SQLite, and on PostgreSQL where one answers (PEYK_TEST_POSTGRESQL_URL, else the local one)."""
    found = [_measure("SQLite", f"sqlite:///{folder / 'index.db'}", orders)]
    with _postgresql() as url:
        if url is None:
            say("  no PostgreSQL: SQLite alone")
        else:
            found.append(_measure("PostgreSQL", url, orders))
    return found


def _measure(database: str, url: str, orders: int) -> Indexed:
    engine = make_engine(url)
    upgrade(engine)
    try:
        rules = Rules(_tables(engine), "post", 7)
        index = StoredShopIndex(engine, _Feed.system, KEY)
        with step(f"{database}: filling the index with {orders} orders"):
            filled = _filled(index, _Feed(rules, orders), orders)
        with step(f"{database}: {LOOKUPS} look-ups of each kind"):
            lookups = _looked_up(engine, index, _Feed(rules, orders), orders)
        with step(f"{database}: {DELIVERIES} webhooks"):
            heard = _heard(index, rules, orders)
        return Indexed(database, index.count(), filled, lookups, heard)
    finally:
        engine.dispose()


def _filled(index: StoredShopIndex, feed: _Feed, orders: int) -> float:
    rules = SyncRules(timedelta(days=400), timedelta(seconds=60), timedelta(minutes=10))
    began = time.perf_counter()
    for state in ShopSync(feed, index, SystemClock(), rules).steps():
        if state.began_at is None:
            break
    return orders / (time.perf_counter() - began)


def _looked_up(engine: Engine, index: StoredShopIndex, feed: _Feed, orders: int) -> dict[str, tuple[float, float]]:
    sync = ShopSync(feed, index, SystemClock(), SyncRules(timedelta(days=400), timedelta(days=1), timedelta(0)))
    # The shop itself is asked for nothing: the numbers are the index's.
    fresh = Freshness(timedelta(days=1), timedelta(days=1))
    source = IndexedOrders(feed, index, sync, StoredTicks(engine), SystemClock(), fresh)
    chance = random.Random(1)  # noqa: S311 - which orders are asked for is no secret
    kinds: dict[str, Callable[[int], object]] = {
        "number": lambda number: source.by_number(_number(number)),
        "end of number": lambda number: source.by_suffix(_number(number)[-6:], 10),
        "mobile": lambda number: source.by_mobile(_mobile(number)),
        "tracking code": lambda number: source.by_tracking_code(_code(number)),
    }
    found = {}
    for name, ask in kinds.items():
        took = []
        for _ in range(LOOKUPS):
            number = chance.randrange(orders)
            began = time.perf_counter()
            answer = ask(number)
            took.append((time.perf_counter() - began) * 1000)
            if not answer:
                raise RuntimeError(f"order {number} was not found by {name}")
        found[name] = statistics.median(took), statistics.quantiles(took, n=100)[98]
    return found


def _heard(index: StoredShopIndex, rules: Rules, orders: int) -> float:
    intake = ShopIntake("woocommerce", WooCommerceWebhooks(SECRET, rules), index, SystemClock())
    now = datetime.now(UTC)
    chance = random.Random(2)  # noqa: S311 - which orders change is no secret
    deliveries = [_delivery(chance.randrange(orders), number, now) for number in range(DELIVERIES)]
    with ThreadPoolExecutor(THREADS) as threads:
        began = time.perf_counter()
        taken = list(threads.map(lambda delivery: intake.take(*delivery), deliveries))
        took = time.perf_counter() - began
    if set(taken) != {Taken.KEPT}:
        raise RuntimeError("a webhook was not kept")
    return DELIVERIES / took


def raw_order(number: int, changed: datetime | None = None) -> dict[str, Any]:
    """Return an order as the API writes it."""
    placed = START + timedelta(seconds=number * 100)
    item = {"tracking_provider": "Iran Post", "tracking_number": _code(number), "date_shipped": int(placed.timestamp())}
    address = {"first_name": "Sara", "last_name": f"No. {number}", "city": "Tehran", "address_1": f"Street {number}"}
    return {
        "id": number + 1,
        "number": _number(number),
        "status": "completed",
        "currency": "IRT",
        "date_created_gmt": _gmt(placed),
        "date_modified_gmt": _gmt(changed or placed),
        "date_paid_gmt": _gmt(placed),
        "date_completed_gmt": _gmt(placed),
        "total": "1250000",
        "billing": {**address, "phone": _mobile(number), "email": f"c{number % CUSTOMERS}@shop.example"},
        "shipping": address,
        "payment_method": "zarinpal",
        "transaction_id": f"A-{number}",
        "line_items": [
            {"name": f"Item {line}", "product_id": line + 1, "sku": f"S-{line}", "quantity": 1, "total": "416667"}
            for line in range(3)
        ],
        "shipping_lines": [],
        "refunds": [],
        "meta_data": [{"id": 1, "key": "_wc_shipment_tracking_items", "value": [item]}],
    }


def _delivery(number: int, name: int, now: datetime) -> tuple[dict[str, str], bytes]:
    body = json.dumps(raw_order(number, now + timedelta(seconds=name))).encode()
    digest = hmac.new(SECRET.get_secret_value().encode(), body, hashlib.sha256).digest()
    headers = {
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-WC-Webhook-Delivery-ID": f"d{name}",
    }
    return headers, body


def _number(number: int) -> str:
    return f"TS-{1_000_000 + number}"


def _mobile(number: int) -> str:
    return f"0912{number % CUSTOMERS:07}"


def _code(number: int) -> str:
    return f"{number:024}"


def _gmt(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _tables(engine: Engine) -> ShopTables:
    unknown = StoredUnknownCodes(engine, SystemClock())
    return ShopTables.load("woocommerce", "peyk.adapters.orders.woocommerce", None, unknown)


@contextmanager
def _postgresql() -> Iterator[str | None]:
    """Give a database of its own, dropped afterwards; None where no server answers."""
    server = normalise_url(os.environ.get("PEYK_TEST_POSTGRESQL_URL", POSTGRESQL_URL))
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"peyk_bench_{os.getpid()}"
    try:
        with psycopg.connect(plain, autocommit=True, connect_timeout=3) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
    except psycopg.OperationalError:
        yield None
        return
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(plain, autocommit=True, connect_timeout=3) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
