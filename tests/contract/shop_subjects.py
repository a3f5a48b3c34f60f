"""Feeds of orders, each over its own vendor's server. A new one is a function here and a line in SUBJECTS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.adapters._guard import Guard
from peyk.adapters._resilience import GuardedFeed
from peyk.adapters.orders import magento, shopify, vendure, woocommerce
from peyk.adapters.plugin import Parts, Plugin, Shop
from peyk.domain.systems import UnknownCode
from peyk.ports.shops import OrderFeed
from peyk.services.indexed_orders import Freshness, IndexedOrders
from peyk.services.shop_sync import ShopSync, SyncRules
from peyk.store.handoff import StoredTicks
from peyk.store.shop_index import StoredShopIndex
from tests.fakes import magento as magento_fake
from tests.fakes import shopify as shopify_fake
from tests.fakes import vendure as vendure_fake
from tests.fakes import woocommerce as woo
from tests.fakes.vendor_http import FakeVendor
from tests.unit.services.fakes import NOW, FakeClock

DEADLINE_S = 1.0
Json = Any


class Unknown:
    """Counts unknown codes in memory (the port `UnknownCodes`)."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def count(self, system: str, code: str, words: str) -> None:
        self.codes.append(code)

    def all(self, limit: int = 100) -> list[UnknownCode]:
        return []


@dataclass
class Subject:
    """A feed and the shop it reads; each step is one a shop's people or customers could take.

    `place(mobile, at, number="")` returns the source id of a new order of a mobile, `send_to(id, mobile)` has its
    parcel go to somebody else, `ship(id, code)` hands it over
    with a tracking code, `touch(id)` changes it in any way, `remove(id)` takes it away so that passes show it,
    `number(id)` is what customers call it, `break_one(id)` makes it unreadable. What a vendor has no way for is None.
    """

    shop: Shop
    feed: OrderFeed
    clock: FakeClock
    unknown: Unknown
    server: FakeVendor
    place: Callable[..., str]
    send_to: Callable[[str, str], None]
    ship: Callable[[str, str], None]
    touch: Callable[[str], None]
    number: Callable[[str], str]
    break_one: Callable[[str], None]
    remove: Callable[[str], None] | None
    secrets: tuple[str, ...]
    page_size: int


def parts(clock: FakeClock, unknown: Unknown, **changes: Any) -> Parts:
    plain = {"secret_key": SecretStr("s" * 40), "deadline_s": DEADLINE_S, "tries": 1}
    return Parts(clock=clock, unknown=unknown, **{**plain, **changes})


def woo_settings(url: str, **changes: Any) -> woocommerce.WooCommerceSettings:
    plain = {
        "url": url,
        "key": woo.KEY,
        "secret": woo.SECRET,
        "webhook_secret": woo.WEBHOOK_SECRET,
        "page_size": 10,
        "_env_file": None,
    }
    return woocommerce.WooCommerceSettings(**{**plain, **changes})


@dataclass(frozen=True)
class Names:
    """What a vendor calls the id and the number of an order and its total; `touched` is a change of no matter."""

    id: str
    number: str
    total: str
    touched: dict[str, str]


def _subject(
    server: Any,
    clock: FakeClock,
    plugin: Plugin[Any],
    own: Any,
    names: Names,
    *,
    buys: Callable[[Json, str], None],
    sends: Callable[[Json, str], None],
    secrets: tuple[str, ...],
    remove: Callable[[str], None] | None = None,
) -> Subject:
    """Return the subject of a vendor's server; `buys` and `sends` put a mobile into an order: who has, who gets it."""
    unknown = Unknown()
    shop: Shop = plugin.make(own, parts(clock, unknown))
    assert shop.feed is not None

    def place(mobile: str, at: datetime, number: str = "") -> str:
        order = server.add(placed_at=at, **({names.number: number} if number else {}))
        buys(order, mobile)
        return str(order[names.id])

    return Subject(
        shop=shop,
        feed=shop.feed,
        clock=clock,
        unknown=unknown,
        server=server,
        place=place,
        send_to=lambda source_id, mobile: sends(server.orders[int(source_id)], mobile),
        ship=lambda source_id, code: server.ship(int(source_id), code),
        touch=lambda source_id: server.change(int(source_id), **names.touched),
        number=lambda source_id: server.orders[int(source_id)][names.number].lstrip("#"),
        break_one=lambda source_id: server.change(int(source_id), **{names.total: {"was": "12"}}),
        remove=remove,
        secrets=secrets,
        page_size=own.page_size,
    )


@contextmanager
def woocommerce_subject(**changes: Any) -> Iterator[Subject]:
    def buys(order: Json, mobile: str) -> None:
        order["billing"] = {**order["billing"], "phone": mobile}

    def sends(order: Json, mobile: str) -> None:
        order["shipping"] = {**order["billing"], "phone": mobile}

    clock = FakeClock()
    with woo.FakeWooCommerce(clock.now) as server:
        yield _subject(
            server,
            clock,
            woocommerce.PLUGIN,
            woo_settings(server.url, **changes),
            Names(id="id", number="number", total="total", touched={"status": "processing"}),
            buys=buys,
            sends=sends,
            secrets=(woo.KEY, woo.SECRET),
            remove=lambda source_id: server.trash(int(source_id)),
        )


@contextmanager
def shopify_subject(**changes: Any) -> Iterator[Subject]:
    def buys(order: Json, mobile: str) -> None:
        order["billingAddress"] = {**order["shippingAddress"], "phone": mobile}

    def sends(order: Json, mobile: str) -> None:
        order["shippingAddress"] = {**order["shippingAddress"], "phone": mobile}

    clock = FakeClock()
    with shopify_fake.FakeShopify(clock.now) as server:
        plain = {
            "url": server.url,
            "token": shopify_fake.TOKEN,
            "client_secret": shopify_fake.CLIENT_SECRET,
            "client_secret_old": shopify_fake.OLD_SECRET,
            "page_size": 10,
            "_env_file": None,
        }
        yield _subject(
            server,
            clock,
            shopify.PLUGIN,
            shopify.ShopifySettings(**{**plain, **changes}),
            Names(
                id="legacyResourceId",
                number="name",
                total="currentTotalPriceSet",
                touched={"displayFulfillmentStatus": "IN_PROGRESS"},
            ),
            buys=buys,
            sends=sends,
            secrets=(shopify_fake.TOKEN,),
        )


@contextmanager
def magento_subject(**changes: Any) -> Iterator[Subject]:
    def buys(order: Json, mobile: str) -> None:
        order["billing_address"] = {**order["billing_address"], "telephone": mobile}

    def sends(order: Json, mobile: str) -> None:
        to = {"shipping": {"address": {**order["billing_address"], "telephone": mobile}}}
        order["extension_attributes"] = {"shipping_assignments": [to]}

    clock = FakeClock()
    with magento_fake.FakeMagento(clock.now) as server:
        plain = {"url": server.url, "token": magento_fake.TOKEN, "page_size": 10, "_env_file": None}
        yield _subject(
            server,
            clock,
            magento.PLUGIN,
            magento.MagentoSettings(**{**plain, **changes}),
            Names(id="entity_id", number="increment_id", total="grand_total", touched={"status": "cooling"}),
            buys=buys,
            sends=sends,
            secrets=(magento_fake.TOKEN,),
        )


@contextmanager
def vendure_subject(**changes: Any) -> Iterator[Subject]:
    def buys(order: Json, mobile: str) -> None:
        order["customer"] = {**order["customer"], "phoneNumber": mobile}

    def sends(order: Json, mobile: str) -> None:
        order["shippingAddress"] = {**order["shippingAddress"], "phoneNumber": mobile}

    clock = FakeClock()
    with vendure_fake.FakeVendure(clock.now) as server:
        plain = {
            "url": f"{server.url}/admin-api",
            "user": vendure_fake.USER,
            "password": vendure_fake.PASSWORD,
            "page_size": 10,
            "_env_file": None,
        }
        yield _subject(
            server,
            clock,
            vendure.PLUGIN,
            vendure.VendureSettings(**{**plain, **changes}),
            Names(id="id", number="code", total="totalWithTax", touched={"state": "Modifying"}),
            buys=buys,
            sends=sends,
            secrets=(vendure_fake.PASSWORD,),
        )


SUBJECTS: dict[str, Callable[[], AbstractContextManager[Subject]]] = {
    "woocommerce": woocommerce_subject,
    "shopify": shopify_subject,
    "magento": magento_subject,
    "vendure": vendure_subject,
}


def placed(subject: Subject, count: int, mobile: str = "09121234567") -> list[str]:
    """Place orders, a minute apart, the oldest first; the last one now."""
    return [subject.place(mobile, NOW - timedelta(minutes=count - 1 - i)) for i in range(count)]


RULES = SyncRules(timedelta(days=400), timedelta(seconds=60), timedelta(minutes=10))
FRESH = Freshness(timedelta(seconds=300), timedelta(seconds=5))


@dataclass
class Made:
    """An index of a shop, what keeps it, and what answers out of it."""

    index: StoredShopIndex
    sync: ShopSync
    orders: IndexedOrders


def indexed(subject: Subject, engine: Engine, deadline_s: float = DEADLINE_S) -> Made:
    """Return the empty index of a shop."""
    index = StoredShopIndex(engine, subject.feed.system, SecretStr("k" * 40))
    live = GuardedFeed(subject.feed, Guard(subject.feed.system, deadline_s=deadline_s, failures=1000, reset_s=1))
    sync = ShopSync(live, index, subject.clock, RULES)
    return Made(index, sync, IndexedOrders(live, index, sync, StoredTicks(engine), subject.clock, FRESH))
