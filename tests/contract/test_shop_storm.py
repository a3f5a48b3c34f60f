"""Ten thousand webhooks to a real edge that is killed twice: in the end the index is like the shop."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from peyk.adapters.orders import woocommerce
from peyk.launcher.ports import free_ports
from peyk.ports.shops import ShopOrder
from peyk.store.engine import make_engine, reading
from peyk.store.migrate import upgrade
from peyk.store.shop_index import _BODY
from peyk.store.tables import shop_deliveries, shop_orders
from tests.contract.shop_subjects import Unknown, parts, woo_settings
from tests.fakes.woocommerce import KEY, SECRET, WEBHOOK_SECRET, FakeWooCommerce
from tests.unit.services.fakes import FakeClock

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
DELIVERIES, ORDERS = 10_000, 1_500
DUPLICATES, DISORDERED, FORGED = 0.30, 0.10, 0.01
SENDERS = 8
KILLS = (3_000, 6_500)
PATIENCE_S = 120.0
Delivery = tuple[dict[str, str], bytes]


@dataclass
class Storm:
    """What was sent, and what became of it."""

    port: int
    statuses: Counter[int] = field(default_factory=Counter)
    # What makes a delivery what it is: WooCommerce's id of it is the same for all of one second.
    acknowledged: dict[tuple[str, bytes], dict[str, str]] = field(default_factory=dict)
    forged: set[bytes] = field(default_factory=set)
    forged_taken: int = 0

    def send(self, client: httpx.Client, delivery: Delivery) -> None:
        headers, body = delivery
        try:
            url = f"http://127.0.0.1:{self.port}/hooks/shop/woocommerce"
            status = client.post(url, content=body, headers=headers).status_code
        except httpx.TransportError:
            # The edge is dead: the shop's system does not say it again.
            status = 0
        self.statuses[status] += 1
        if status == 200:
            self.acknowledged[headers["X-WC-Webhook-Delivery-ID"], body] = headers
            self.forged_taken += body in self.forged


@contextmanager
def edge(env: dict[str, str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run an edge until the end of the block, where it is killed."""
    with log.open("ab") as out:
        command = [sys.executable, "-m", "peyk.web"]
        process = subprocess.Popen(command, cwd=log.parent, env=env, stdout=out, stderr=out)
    try:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                assert process.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < until
        yield process
    finally:
        process.kill()
        process.wait()


def written(shop: FakeWooCommerce, storm: Storm) -> list[Delivery]:
    """Let the shop live and return what its webhooks say of it, in the order they arrive."""
    chance = random.Random(5)
    unique = round(DELIVERIES * (1 - DUPLICATES - FORGED))
    said: list[Delivery] = []
    for number in range(unique):
        if not shop.orders or (len(shop.orders) < ORDERS and chance.random() < 0.5):
            topic, order = "order.created", shop.add()
        else:
            order = shop.orders[chance.choice(list(shop.orders))]
            topic = "order.updated"
            if order["status"] != "trash" and chance.random() < 0.03:
                shop.trash(order["id"])
                topic = "order.deleted"
            elif chance.random() < 0.4:
                shop.ship(order["id"], f"{number:024}")
            else:
                shop.change(order["id"], status=chance.choice(["processing", "on-hold", "completed"]))
        said.append(shop.delivery(order, topic))
    forged = []
    for number in range(round(DELIVERIES * FORGED)):
        order = {**shop.orders[chance.choice(list(shop.orders))], "number": f"FORGED-{number}"}
        order["date_modified_gmt"] = "2099-01-01T00:00:00"
        forged.append(shop.delivery(order, secret="another"))
        storm.forged.add(forged[-1][1])
    for _ in range(round(DELIVERIES * DISORDERED)):
        here = chance.randrange(len(said) - 20)
        there = here + chance.randrange(1, 20)
        said[here], said[there] = said[there], said[here]
    for each in [*chance.choices(said, k=round(DELIVERIES * DUPLICATES)), *forged]:
        said.insert(chance.randrange(len(said)), each)
    return said


def truth(shop: FakeWooCommerce) -> dict[str, ShopOrder]:
    feed = woocommerce.PLUGIN.make(woo_settings(shop.url, page_size=100), parts(FakeClock(), Unknown())).feed
    found, cursor = {}, None
    while True:
        page = feed.page(None, cursor)
        found.update({each.source_id: each for each in page.orders})
        cursor = page.cursor
        if cursor is None:
            return found


def test_the_index_is_like_the_shop_after_all(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    store = f"sqlite:///{tmp_path}/peyk.db"
    engine = make_engine(store)
    upgrade(engine)
    with FakeWooCommerce(lambda: datetime.now(UTC)) as shop:
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PEYK_")},
            "PYTHONPATH": str(ROOT),
            "PEYK_MODE": "production",
            "PEYK_SECRET_KEY": "k" * 40,
            "PEYK_RUN_SECRET": "r" * 40,
            "PEYK_DATABASE_URL": store,
            "PEYK_DATA_DIR": str(tmp_path),
            "PEYK_PORT": str(port),
            "PEYK_SHOP": "woocommerce",
            "PEYK_SHOP_POLL_S": "5",
            "PEYK_WOOCOMMERCE_URL": shop.url,
            "PEYK_WOOCOMMERCE_KEY": KEY,
            "PEYK_WOOCOMMERCE_SECRET": SECRET,
            "PEYK_WOOCOMMERCE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        }
        storm = Storm(port)
        deliveries = written(shop, storm)
        assert len(deliveries) == DELIVERIES
        log = tmp_path / "edge.log"
        parts_of_it = [deliveries[: KILLS[0]], deliveries[KILLS[0] : KILLS[1]], deliveries[KILLS[1] :]]
        began = time.monotonic()
        for number, some in enumerate(parts_of_it):
            last = number == len(parts_of_it) - 1
            with edge(env, port, log) as process, httpx.Client(trust_env=False) as client:
                with ThreadPoolExecutor(SENDERS) as senders:
                    sent = [senders.submit(storm.send, client, each) for each in some]
                    if not last:
                        # In the middle of what is under way: the rest meets nobody.
                        sent[len(some) * 9 // 10].result()
                        process.kill()
                    for each in sent:
                        each.result()
                took = time.monotonic() - began
                if last:
                    kept = _settled(storm, shop, store)
        print(f"{DELIVERIES} webhooks in {took:.1f} s: {dict(storm.statuses)}")
        assert kept == truth(shop)
        assert len(kept) > ORDERS / 2
    assert storm.forged_taken == 0
    assert storm.statuses[401] > 0.5 * len(storm.forged)
    assert set(storm.statuses) <= {0, 200, 401}
    with reading(engine) as connection:
        heard = set(connection.execute(select(shop_deliveries.c.delivery_id)).scalars())
    # What the edge said it had, it has, killed or not.
    reader = woocommerce.PLUGIN.make(woo_settings("http://127.0.0.1:1"), parts(FakeClock(), Unknown())).webhooks
    assert {reader.read(given, body).delivery_id for (_, body), given in storm.acknowledged.items()} - heard == set()
    assert len(heard) >= len(storm.acknowledged) > len({name for name, _ in storm.acknowledged})
    engine.dispose()


def _settled(storm: Storm, shop: FakeWooCommerce, store: str) -> dict[str, ShopOrder]:
    """Wait for the regular looks that mend what a dead edge missed; return the index."""
    engine, until = make_engine(store), time.monotonic() + PATIENCE_S
    want = truth(shop)
    while True:
        with reading(engine) as connection:
            rows = connection.execute(select(shop_orders).where(shop_orders.c.gone_at.is_(None))).all()
        kept = {row.source_id: _BODY.validate_json(row.body) for row in rows}
        if kept == want or time.monotonic() > until:
            engine.dispose()
            return kept
        time.sleep(0.2)
