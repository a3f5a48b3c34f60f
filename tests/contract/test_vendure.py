"""A real shop system nobody here wrote: Vendure, in memory; `make contract` brings it in (tests/vendure/README.md)."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from peyk.adapters.clock import SystemClock
from peyk.adapters.orders import vendure
from peyk.domain.money import Money
from peyk.domain.orders import OrderStatus
from peyk.domain.payments import PaymentState
from peyk.errors import AccessRefused
from peyk.launcher.node import environment, find_node, has_packages
from peyk.ports import OrderSource
from peyk.ports.shops import OrderFeed
from tests.contract.shop_subjects import Unknown, indexed, parts

# The suite of the port, run on the real thing.
from tests.contract.test_orders import (  # noqa: F401
    ORDERS,
    test_a_mobile_without_orders_has_none,
    test_an_order_by_its_exact_number,
    test_an_order_by_its_tracking_code,
    test_any_other_number_is_not_found,
    test_orders_by_the_end_of_their_number,
    test_the_end_of_numbers_is_limited,
    test_the_newest_orders_of_a_mobile_first,
)
from tests.contract.test_shop_feeds import ids, passed, test_what_is_not_there_is_not_found  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "vendure"
START_S = 120.0
# A real shop on a busy machine is no vendor of whom a quick answer is expected.
PATIENCE_S = 60.0
Json = Any

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Queries:
    """A session with one of Vendure's two APIs."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60)

    def __call__(self, asked: str, *, headers: dict[str, str] | None = None, **variables: Any) -> Json:
        reply = self._client.post("", json={"query": asked, "variables": variables}, headers=headers)
        if token := reply.headers.get("vendure-auth-token"):
            self._client.headers["Authorization"] = f"Bearer {token}"
        answer = reply.json()
        assert "errors" not in answer, answer
        return answer["data"]


@dataclass
class RealVendure:
    """The running shop, with one product in it."""

    port: int
    admin: Queries = field(init=False)
    variant: str = field(init=False)

    def __post_init__(self) -> None:
        self.admin = Queries(self.url)
        self.admin('mutation { login(username: "superadmin", password: "superadmin") { __typename } }')
        product = self.admin(
            "mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }",
            i={"translations": [{"languageCode": "en", "name": "Headphones", "slug": "hp", "description": ""}]},
        )["createProduct"]["id"]
        self.variant = self.admin(
            "mutation($i: [CreateProductVariantInput!]!) { createProductVariants(input: $i) { id } }",
            i=[
                {
                    "productId": product,
                    "sku": "HP-1",
                    "price": 5950,
                    "trackInventory": "FALSE",
                    "translations": [{"languageCode": "en", "name": "Headphones, red"}],
                }
            ],
        )["createProductVariants"][0]["id"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/admin-api"

    def place(self, mobile: str, number: str) -> str:
        shop = Queries(f"http://127.0.0.1:{self.port}/shop-api")
        cart = shop(
            "mutation($v: ID!) { addItemToOrder(productVariantId: $v, quantity: 2) { ... on Order { id } } }",
            headers={"x-order-code": number},
            v=self.variant,
        )
        shop(
            "mutation($i: CreateCustomerInput!) { setCustomerForOrder(input: $i) { __typename } }",
            i={
                "firstName": "Sara",
                "lastName": "Sample",
                "emailAddress": f"{number}@Example.com",
                "phoneNumber": mobile,
            },
        )
        shop(
            "mutation($i: CreateAddressInput!) { setOrderShippingAddress(input: $i) { __typename } }",
            i={
                "fullName": "Sara Sample",
                "streetLine1": "1 Sample St",
                "city": "Tehran",
                "countryCode": "DE",
            },
        )
        way = shop("{ eligibleShippingMethods { id } }")["eligibleShippingMethods"][0]["id"]
        shop("mutation($m: [ID!]!) { setOrderShippingMethod(shippingMethodId: $m) { __typename } }", m=[way])
        shop('mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }')
        paid = shop(
            "mutation($i: PaymentInput!) { addPaymentToOrder(input: $i) { ... on Order { state } } }",
            i={"method": "standard", "metadata": {}},
        )
        assert paid["addPaymentToOrder"] == {"state": "PaymentSettled"}
        return str(cart["addItemToOrder"]["id"])

    def ship(self, order_id: str, code: str) -> None:
        lines = self.admin("query($id: ID!) { order(id: $id) { lines { id quantity } } }", id=order_id)["order"]
        arguments = [{"name": "method", "value": "DHL"}, {"name": "trackingCode", "value": code}]
        made = self.admin(
            "mutation($i: FulfillOrderInput!) { addFulfillmentToOrder(input: $i) { ... on Fulfillment { id } } }",
            i={
                "lines": [{"orderLineId": row["id"], "quantity": row["quantity"]} for row in lines["lines"]],
                "handler": {"code": "manual-fulfillment", "arguments": arguments},
            },
        )["addFulfillmentToOrder"]["id"]
        moved = self.admin(
            'mutation($id: ID!) { transitionFulfillmentToState(id: $id, state: "Shipped") '
            "{ ... on Fulfillment { state } } }",
            id=made,
        )
        assert moved["transitionFulfillmentToState"] == {"state": "Shipped"}

    def settings(self, **changes: Any) -> vendure.VendureSettings:
        plain: dict[str, Any] = {"url": self.url, "user": "superadmin", "password": "superadmin", "_env_file": None}
        return vendure.VendureSettings(**{**plain, "page_size": 3, **changes})


@dataclass
class Real:
    """What the suites need of a subject; time is the real one."""

    feed: OrderFeed
    clock: SystemClock
    shop: RealVendure
    source_ids: dict[str, str]

    def place(self, mobile: str, at: datetime, number: str = "") -> str:
        return next(iter(self.source_ids.values()))


def node_with_vendure() -> Path:
    """Return the folder of Node; where CI is set, packages that were not brought in are a failure."""
    node = find_node(ROOT)
    if node is None:
        pytest.skip("no Node: run make contract")
    if not has_packages(HERE):
        reason = "no Vendure of this package-lock.json: run make contract"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return node


class Server:
    """The process of the shop; `port` is known once it can be asked."""

    def __init__(self, node: Path) -> None:
        self._process = subprocess.Popen(
            [str(node / "node"), str(HERE / "server.js")],
            env={**environment(node), "VENDURE_DISABLE_TELEMETRY": "true"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._said: list[str] = []
        self._port = 0
        self._decided = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line)
            word, _, port = line.strip().partition(" ")
            if word == "ready":
                self._port = int(port)
                self._decided.set()
        # It has ended; whoever waits need wait no longer.
        self._decided.set()

    @property
    def port(self) -> int:
        decided = self._decided.wait(START_S)
        assert self._port, f"{'it ended' if decided else 'not ready'}: {''.join(self._said[-20:])}"
        return self._port

    def end(self) -> None:
        # The pipes are closed on the way out.
        with self._process:
            self._process.kill()
            self._listener.join()


@pytest.fixture(scope="module")
def running() -> Iterator[RealVendure]:
    server = Server(node_with_vendure())
    try:
        yield RealVendure(server.port)
    finally:
        server.end()


@pytest.fixture(scope="module")
def subject(running: RealVendure) -> Real:
    # Placed in the order in which the suite's are dated.
    dated = sorted(ORDERS.items(), key=lambda each: each[1][1])
    source_ids = {}
    for number, (mobile, _, code) in dated:
        source_ids[number] = running.place(mobile, number)
        if code:
            running.ship(source_ids[number], code)
    clock = SystemClock()
    made = vendure.PLUGIN.make(running.settings(), parts(clock, Unknown(), deadline_s=PATIENCE_S))  # type: ignore[arg-type]
    assert made.feed is not None
    return Real(made.feed, clock, running, source_ids)


@pytest.fixture
def source(subject: Real, engine_of: Callable[[str], Engine]) -> OrderSource:
    made = indexed(subject, engine_of("sqlite"), PATIENCE_S)  # type: ignore[arg-type]
    made.sync.turn(subject.clock.now())
    return made.orders


def test_a_pass_meets_every_order_and_no_cart(subject: Real) -> None:
    carts = Queries(f"http://127.0.0.1:{subject.shop.port}/shop-api")
    carts(
        "mutation($v: ID!) { addItemToOrder(productVariantId: $v, quantity: 1) { __typename } }",
        headers={"x-order-code": "CART-1"},
        v=subject.shop.variant,
    )
    pages = passed(subject.feed)
    assert ids(pages) == set(subject.source_ids.values())
    assert len(pages) == 2
    assert pages[0].total == len(ORDERS)
    assert not any(page.unreadable for page in pages)


def test_an_order_is_whole(subject: Real) -> None:
    found = subject.feed.one(subject.source_ids["TS-104180"])
    order = found.order
    assert (order.number, order.mobile, order.city) == ("TS-104180", "09351112233", "Tehran")
    assert (order.customer_name, order.address) == ("Sara Sample", "1 Sample St")
    assert (found.email, order.status) == ("ts-104180@example.com", OrderStatus.SHIPPED)
    assert order.total == Money(2 * 5950 + 500, "USD")
    assert [(it.sku, it.title_en, it.quantity, it.price) for it in order.items] == [
        ("HP-1", "Headphones, red", 2, Money(5950, "USD"))
    ]
    assert [(ref.carrier, ref.tracking_code) for ref in order.shipments] == [("dhl", "1" * 21)]
    assert found.payment is not None
    assert found.payment.state is PaymentState.VERIFIED
    assert abs(datetime.now(UTC) - order.placed_at) < timedelta(minutes=10)
    assert found == next(each for page in passed(subject.feed) for each in page.orders if each == found)


def test_only_what_changed_since(subject: Real) -> None:
    newest = subject.feed.one(subject.source_ids["TS-104234"])
    assert newest.source_id in ids(passed(subject.feed, newest.changed_at))
    assert ids(passed(subject.feed, datetime.now(UTC) + timedelta(seconds=5))) == set()


def test_a_session_that_is_over_is_begun_anew(subject: Real) -> None:
    subject.feed._api._auth._token = "gone"  # type: ignore[attr-defined]
    assert subject.feed.one(subject.source_ids["TS-104180"]).order.number == "TS-104180"


def test_a_wrong_password_is_refused(subject: Real) -> None:
    own = subject.shop.settings(password="another")
    given = parts(subject.clock, Unknown(), deadline_s=PATIENCE_S)  # type: ignore[arg-type]
    made = vendure.PLUGIN.make(own, given)
    with pytest.raises(AccessRefused) as caught:
        made.feed.page(None, None)
    assert "another" not in str(caught.value)
    health = vendure.PLUGIN.check(own, given)
    assert health.credentials is False
    assert vendure.PLUGIN.check(subject.shop.settings(), given).sample.startswith("order TS-104234")
