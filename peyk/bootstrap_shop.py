"""The shop's own system, put together: its feed, the index it is read into, and what answers out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine

from peyk.adapters._guard import Guard
from peyk.adapters._resilience import (
    GuardedFeed,
    GuardedOrders,
    GuardedPayments,
    GuardedStorefront,
    GuardedWebhooks,
)
from peyk.adapters.plugin import Parts, Shop, brought
from peyk.adapters.registry import plugin
from peyk.bootstrap_guards import Guards
from peyk.domain.systems import SystemKind
from peyk.errors import SettingsError
from peyk.ports import Clock, OrderSource, PaymentGateway, Storefront
from peyk.ports.shops import OrderFeed
from peyk.services.indexed_orders import Freshness, IndexedOrders, IndexedPayments
from peyk.services.remembered_orders import RememberedOrders
from peyk.services.shop_connect import ShopConnect, ShopDoors
from peyk.services.shop_news import ShopIntake
from peyk.services.shop_sync import ShopSync, SyncRules
from peyk.settings import Settings
from peyk.store.handoff import StoredTicks
from peyk.store.shop_index import LAST_GOOD, Origin, StoredShopIndex

# Nobody waits for a page of a pass; each call in it has its own deadline.
PAGE_DEADLINE_S = 60.0


@dataclass(frozen=True)
class ConnectedShop:
    """A shop's system, wired. `index` and `sync` are None where it answers by itself.

    `email_of` is None where it knows no mail addresses.
    """

    name: str
    orders: OrderSource
    payments: PaymentGateway | None = None
    storefront: Storefront | None = None
    index: StoredShopIndex | None = None
    sync: ShopSync | None = None
    doors: ShopDoors = field(default_factory=ShopDoors)
    email_of: Callable[[str], str | None] | None = None


def make_shop(settings: Settings, engine: Engine, clock: Clock, parts: Parts, guards: Guards) -> ConnectedShop | None:
    """Connect the shop `PEYK_SHOP` names; None where it names none. Nothing is sent. Raises SettingsError."""
    named = settings.adapters(SystemKind.SHOP)
    if not named:
        return None
    if len(named) > 1:
        raise SettingsError("PEYK_SHOP: one shop alone can be connected")
    found = plugin(named[0], SystemKind.SHOP)
    shop: Shop = brought(found, parts)
    payments = GuardedPayments(shop.payments, guards.of("payments")) if shop.payments else None
    storefront = GuardedStorefront(shop.storefront, guards.of("storefront")) if shop.storefront else None
    if shop.feed is None:
        if shop.orders is None:
            raise SettingsError(f"the adapter {found.name} brings no orders")
        guard = guards.of("shop")
        asked = remembered(GuardedOrders(shop.orders, guard), found.name, settings, engine, clock)
        return ConnectedShop(found.name, asked, payments, storefront, email_of=_guarded(shop.email_of, guard))
    index = StoredShopIndex(engine, found.name, settings.secret_key, Origin(shop.address, shop.rules))
    orders = _indexed(settings, engine, clock, shop.feed, index, guards)
    ticks = StoredTicks(engine)
    connect = ShopConnect(found.name, shop.keys, ticks, clock, settings.secret_key) if shop.keys else None
    webhooks = GuardedWebhooks(shop.webhooks, found.name) if shop.webhooks else None
    intake = ShopIntake(found.name, webhooks, index, clock) if webhooks else None
    return ConnectedShop(
        found.name,
        # No guard: what it cannot say of one number must not hold back the orders it has. The feed in it has its own.
        orders,
        payments or IndexedPayments(orders),
        storefront,
        index,
        ShopSync(
            # A breaker of its own: a shop too slow for who waits is still read, and neither takes the other's row.
            GuardedFeed(shop.feed, guards.of(f"{found.name}:index", deadline_s=PAGE_DEADLINE_S)),
            index,
            clock,
            _rules(settings),
        ),
        ShopDoors(intake, connect),
        orders.email_of,
    )


def remembered(orders: OrderSource, name: str, settings: Settings, engine: Engine, clock: Clock) -> RememberedOrders:
    """Return a shop that is asked directly, with its last good answers; nothing is read yet."""
    kept = StoredShopIndex(engine, LAST_GOOD + name, settings.secret_key)
    # What is left is the carriers'.
    return RememberedOrders(orders, kept, clock, min(settings.shop_live_s, settings.deadline_s / 2))


def _guarded(email_of: Callable[[str], str | None] | None, guard: Guard) -> Callable[[str], str | None] | None:
    return None if email_of is None else lambda mobile: guard.call(lambda: email_of(mobile))


def _indexed(
    settings: Settings, engine: Engine, clock: Clock, feed: OrderFeed, index: StoredShopIndex, guards: Guards
) -> IndexedOrders:
    # A customer waits, and after the shop the carriers are asked: the index answers when the shop is slow.
    live = GuardedFeed(feed, guards.of(feed.system, deadline_s=settings.shop_live_s))
    freshness = Freshness(timedelta(seconds=settings.shop_fresh_s), timedelta(seconds=settings.shop_look_s))
    look = ShopSync(live, index, clock, _rules(settings))
    return IndexedOrders(live, index, look, StoredTicks(engine), clock, freshness)


def _rules(settings: Settings) -> SyncRules:
    return SyncRules(
        keep=timedelta(days=settings.shop_keep_days),
        every=timedelta(seconds=settings.shop_poll_s),
        overlap=timedelta(seconds=settings.shop_overlap_s),
    )
