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
from peyk.adapters.plugin import Parts, Shop
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


@contextmanager
def woocommerce_subject(**changes: Any) -> Iterator[Subject]:
    clock, unknown = FakeClock(), Unknown()
    with woo.FakeWooCommerce(clock.now) as server:
        own = woo_settings(server.url, **changes)
        shop: Shop = woocommerce.PLUGIN.make(own, parts(clock, unknown))
        assert shop.feed is not None

        def place(mobile: str, at: datetime, number: str = "") -> str:
            order = server.add(placed_at=at, **({"number": number} if number else {}))
            order["billing"] = {**order["billing"], "phone": mobile}
            return str(order["id"])

        def send_to(source_id: str, mobile: str) -> None:
            order = server.orders[int(source_id)]
            order["shipping"] = {**order["billing"], "phone": mobile}

        yield Subject(
            shop=shop,
            feed=shop.feed,
            clock=clock,
            unknown=unknown,
            server=server,
            place=place,
            send_to=send_to,
            ship=lambda source_id, code: server.ship(int(source_id), code),
            touch=lambda source_id: server.change(int(source_id), status="processing"),
            number=lambda source_id: server.orders[int(source_id)]["number"],
            break_one=lambda source_id: server.change(int(source_id), total={"was": "12"}),
            remove=lambda source_id: server.trash(int(source_id)),
            secrets=(woo.KEY, woo.SECRET),
            page_size=own.page_size,
        )


@contextmanager
def shopify_subject(**changes: Any) -> Iterator[Subject]:
    clock, unknown = FakeClock(), Unknown()
    with shopify_fake.FakeShopify(clock.now) as server:
        plain = {
            "url": server.url,
            "token": shopify_fake.TOKEN,
            "client_secret": shopify_fake.CLIENT_SECRET,
            "client_secret_old": shopify_fake.OLD_SECRET,
            "page_size": 10,
            "_env_file": None,
        }
        own = shopify.ShopifySettings(**{**plain, **changes})
        shop: Shop = shopify.PLUGIN.make(own, parts(clock, unknown))
        assert shop.feed is not None

        def place(mobile: str, at: datetime, number: str = "") -> str:
            order = server.add(placed_at=at, **({"name": number} if number else {}))
            order["billingAddress"] = {**order["shippingAddress"], "phone": mobile}
            return str(order["legacyResourceId"])

        def send_to(source_id: str, mobile: str) -> None:
            order = server.orders[int(source_id)]
            order["shippingAddress"] = {**order["shippingAddress"], "phone": mobile}

        yield Subject(
            shop=shop,
            feed=shop.feed,
            clock=clock,
            unknown=unknown,
            server=server,
            place=place,
            send_to=send_to,
            ship=lambda source_id, code: server.ship(int(source_id), code),
            touch=lambda source_id: server.change(int(source_id), displayFulfillmentStatus="IN_PROGRESS"),
            number=lambda source_id: server.orders[int(source_id)]["name"].lstrip("#"),
            break_one=lambda source_id: server.change(int(source_id), currentTotalPriceSet={"was": "12"}),
            remove=None,
            secrets=(shopify_fake.TOKEN,),
            page_size=own.page_size,
        )


@contextmanager
def magento_subject(**changes: Any) -> Iterator[Subject]:
    clock, unknown = FakeClock(), Unknown()
    with magento_fake.FakeMagento(clock.now) as server:
        plain = {"url": server.url, "token": magento_fake.TOKEN, "page_size": 10, "_env_file": None}
        own = magento.MagentoSettings(**{**plain, **changes})
        shop: Shop = magento.PLUGIN.make(own, parts(clock, unknown))
        assert shop.feed is not None

        def place(mobile: str, at: datetime, number: str = "") -> str:
            order = server.add(placed_at=at, **({"increment_id": number} if number else {}))
            order["billing_address"] = {**order["billing_address"], "telephone": mobile}
            return str(order["entity_id"])

        def send_to(source_id: str, mobile: str) -> None:
            order = server.orders[int(source_id)]
            to = {"shipping": {"address": {**order["billing_address"], "telephone": mobile}}}
            order["extension_attributes"] = {"shipping_assignments": [to]}

        yield Subject(
            shop=shop,
            feed=shop.feed,
            clock=clock,
            unknown=unknown,
            server=server,
            place=place,
            send_to=send_to,
            ship=lambda source_id, code: server.ship(int(source_id), code),
            touch=lambda source_id: server.change(int(source_id), status="cooling"),
            number=lambda source_id: server.orders[int(source_id)]["increment_id"],
            break_one=lambda source_id: server.change(int(source_id), grand_total={"was": "12"}),
            remove=None,
            secrets=(magento_fake.TOKEN,),
            page_size=own.page_size,
        )


@contextmanager
def vendure_subject(**changes: Any) -> Iterator[Subject]:
    clock, unknown = FakeClock(), Unknown()
    with vendure_fake.FakeVendure(clock.now) as server:
        plain = {
            "url": f"{server.url}/admin-api",
            "user": vendure_fake.USER,
            "password": vendure_fake.PASSWORD,
            "page_size": 10,
            "_env_file": None,
        }
        own = vendure.VendureSettings(**{**plain, **changes})
        shop: Shop = vendure.PLUGIN.make(own, parts(clock, unknown))
        assert shop.feed is not None

        def place(mobile: str, at: datetime, number: str = "") -> str:
            order = server.add(placed_at=at, **({"code": number} if number else {}))
            order["customer"] = {**order["customer"], "phoneNumber": mobile}
            return str(order["id"])

        def send_to(source_id: str, mobile: str) -> None:
            order = server.orders[int(source_id)]
            order["shippingAddress"] = {**order["shippingAddress"], "phoneNumber": mobile}

        yield Subject(
            shop=shop,
            feed=shop.feed,
            clock=clock,
            unknown=unknown,
            server=server,
            place=place,
            send_to=send_to,
            ship=lambda source_id, code: server.ship(int(source_id), code),
            touch=lambda source_id: server.change(int(source_id), state="Modifying"),
            number=lambda source_id: server.orders[int(source_id)]["code"],
            break_one=lambda source_id: server.change(int(source_id), totalWithTax={"was": "12"}),
            remove=None,
            secrets=(vendure_fake.PASSWORD,),
            page_size=own.page_size,
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
