"""Orders of a shop that is asked directly, with its last good answers for the time when it does not answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from peyk.domain.orders import Order
from peyk.errors import ExternalError, NotFound, NotYet
from peyk.ports.clock import Clock
from peyk.ports.orders import OrderSource
from peyk.ports.shops import Indexed, ShopIndex, ShopOrder
from peyk.services.last_good import KEPT_AGAIN
from peyk.services.side_by_side import Deadline

log = structlog.get_logger(__name__)

SYSTEM = "shop"
PLACES = 3

T = TypeVar("T")


class RememberedOrders:
    """The port `OrderSource` over another: its last good answer while it is down, as old as `Order.as_of` says.

    Only orders that were asked for are kept. "Not found" is the shop's alone to say, and what it has no more is
    forgotten. By the end of a number nothing is remembered: of several that end alike the one that is kept may be
    another. A store that fails is no obstacle.
    """

    def __init__(self, inner: OrderSource, kept: ShopIndex, clock: Clock, patience_s: float) -> None:
        """Take what keeps the answers, and how long the shop is waited for where one is there."""
        self._inner = inner
        self._kept = kept
        self._clock = clock
        self._patience_s = patience_s

    def by_number(self, number: str) -> Order:
        """Return the order called `number` exactly. Raises NotFound."""
        return self._one(partial(self._inner.by_number, number), lambda: self._kept.by_number(number))

    def by_suffix(self, digits: str, limit: int = 2) -> list[Order]:
        """Return at most `limit` orders whose number ends in `digits`."""
        return self._inner.by_suffix(digits, limit)

    def by_mobile(self, mobile: str, limit: int = PLACES) -> list[Order]:
        """Return the newest orders of a normalised mobile, newest first; empty when there are none."""
        kept = self._look(lambda: self._kept.by_mobile(mobile, limit))
        try:
            orders = self._ask(partial(self._inner.by_mobile, mobile, limit), kept)
        except NotYet:
            raise
        except ExternalError as exc:
            return _instead(kept, exc)
        self._keep(orders, kept)
        if len(orders) < limit:
            # These are all there are.
            there = {order.number for order in orders}
            self._forget([each for each in kept if each.shop_order.order.number not in there])
        return orders

    def by_tracking_code(self, code: str) -> Order:
        """Return the order a tracking code belongs to. Raises NotFound."""
        return self._one(partial(self._inner.by_tracking_code, code), lambda: self._kept.by_code(code))

    def _one(self, ask: Callable[[], Order], look: Callable[[], Indexed | None]) -> Order:
        kept = self._look(lambda: [each for each in (look(),) if each is not None])
        try:
            order = self._ask(ask, kept)
        except NotFound:
            self._forget(kept)
            raise
        except NotYet:
            raise
        except ExternalError as exc:
            return _instead(kept, exc)[0]
        self._keep([order], kept)
        return order

    def _ask(self, ask: Callable[[], T], kept: Sequence[Indexed]) -> T:
        # A shop that hangs must leave time for what is told in its place, and for the carriers.
        return Deadline(self._patience_s).ask(SYSTEM, ask).answer() if kept else ask()

    def _look(self, look: Callable[[], list[Indexed]]) -> list[Indexed]:
        try:
            return look()
        except ExternalError as exc:
            log.warning("snapshots.failed", kind=exc.kind)
            return []

    def _keep(self, orders: Sequence[Order], kept: Sequence[Indexed]) -> None:
        now = self._clock.now()
        before = {each.shop_order.order.number: each for each in kept}
        news = [order for order in orders if not _says_the_same(before.get(order.number), order, now)]
        if news:
            self._write([ShopOrder(order.number, order, changed_at=now) for order in news], [], now)

    def _forget(self, kept: Sequence[Indexed]) -> None:
        if kept:
            self._write([], [each.shop_order.source_id for each in kept], self._clock.now())

    def _write(self, orders: Sequence[ShopOrder], gone: Sequence[str], now: datetime) -> None:
        try:
            self._kept.read(orders, gone, now)
        except ExternalError as exc:
            log.warning("snapshots.failed", kind=exc.kind)


def _instead(kept: Sequence[Indexed], exc: ExternalError) -> list[Order]:
    """Return what is kept in the place of an answer; without anything the failure is the answer."""
    if not kept:
        raise exc
    log.warning("shop.not_asked", system=exc.system, kind=exc.kind)
    return [replace(each.shop_order.order, as_of=each.seen_at) for each in kept]


def _says_the_same(kept: Indexed | None, order: Order, now: datetime) -> bool:
    return kept is not None and now - kept.seen_at < KEPT_AGAIN and kept.shop_order.order == order
