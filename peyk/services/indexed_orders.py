"""Orders and payments out of the index; the shop itself is asked where the index does not know or may be behind.

Answers of the index are as old as the last look that found the shop. What was heard longer ago than `fresh` is asked
for again, for a short time; when the shop does not answer, the last good answer is given with its age in
`Order.as_of`. "Not found" is said only when the shop has just been looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from peyk.domain.orders import Order
from peyk.domain.payments import Payment
from peyk.errors import BadAnswer, ExternalError, NotFound, Unavailable
from peyk.ports.clock import Clock
from peyk.ports.handoff import Ticks
from peyk.ports.shops import Indexed, OrderFeed, ShopIndex
from peyk.services.shop_sync import ShopSync

log = structlog.get_logger(__name__)

PLACES = 3


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old an answer may be before the shop is asked, and how often it is asked for news at most."""

    fresh: timedelta
    look_every: timedelta


class IndexedOrders:
    """The port `OrderSource` over an index that is kept like the shop."""

    def __init__(
        self, feed: OrderFeed, index: ShopIndex, sync: ShopSync, ticks: Ticks, clock: Clock, freshness: Freshness
    ) -> None:
        """Take the index and what may be asked while a customer waits: `feed` and `sync` fail soon."""
        self._feed = feed
        self._index = index
        self._sync = sync
        self._ticks = ticks
        self._clock = clock
        self._freshness = freshness

    def by_number(self, number: str) -> Order:
        """Return the order called `number` exactly. Raises NotFound."""
        return self._one(lambda: self._index.by_number(number)).order

    def by_suffix(self, digits: str, limit: int = 2) -> list[Order]:
        """Return at most `limit` orders whose number ends in `digits`."""
        return self._some(lambda: self._index.by_suffix(digits, limit), news=False)

    def by_mobile(self, mobile: str, limit: int = PLACES) -> list[Order]:
        """Return the newest orders of a normalised mobile, newest first; empty when there are none."""
        # Of several the newest may be the one that is missing.
        return self._some(lambda: self._index.by_mobile(mobile, limit), news=True)

    def by_tracking_code(self, code: str) -> Order:
        """Return the order a tracking code belongs to. Raises NotFound."""
        return self._one(lambda: self._index.by_code(code)).order

    def email_of(self, mobile: str) -> str | None:
        """Return the mail address that stands in every order of a mobile, None where none does.

        Raises Unavailable before all orders are read: one that is not there yet may have another address.
        """
        if self._index.state().filled_at is None:
            raise Unavailable(self._feed.system, "its orders are still being read")
        return self._index.email_of(mobile)

    def payment(self, order_number: str) -> Payment:
        """Return what the shop knows of an order's payment. Raises NotFound."""
        found = self._one(lambda: self._index.by_number(order_number)).payment
        if found is None:
            raise NotFound(self._feed.system, "no payment")
        return found

    def _one(self, find: Callable[[], Indexed | None]) -> _Answer:
        found = find()
        if found is None:
            self._look()
            found = find()
        if found is None:
            raise NotFound(self._feed.system)
        if not self._is_old(self._as_of(found)):
            return _Answer(found.shop_order.order, found.shop_order.payment)
        return self._asked(found)

    def _some(self, find: Callable[[], list[Indexed]], *, news: bool) -> list[Order]:
        found = find()
        if not found or (news and (found[0].looked_at is None or self._is_old(found[0].looked_at))):
            try:
                self._look()
            except ExternalError:
                if not found:
                    raise
            found = find()
        return [self._aged(each).order for each in found]

    def _look(self) -> None:
        """Look for news, unless somebody just has.

        Raises what the shop raises where the index is too old to say that something is not there.
        """
        state = self._index.state()
        if state.filled_at is None:
            raise Unavailable(self._feed.system, "its orders are still being read")
        now, system = self._clock.now(), self._feed.system
        try:
            if self._ticks.claim(f"shop.look.{system}", now, now + self._freshness.look_every):
                self._sync.glance()
        except ExternalError as exc:
            log.warning("shop.not_asked", system=system, kind=exc.kind)
            if self._is_old(state.looked_at or state.filled_at):
                if isinstance(exc, NotFound):
                    # A list is there, or the shop's API is not: no order is missing.
                    raise BadAnswer(system, "there is nothing where its orders were") from exc
                raise
        state = self._index.state()
        if state.looked_at is None or self._is_old(state.looked_at):
            # Somebody else has just looked in vain.
            raise Unavailable(system, "not looked at for too long")

    def _asked(self, found: Indexed) -> _Answer:
        """Ask for an order that may have changed; without an answer it is what it was, and says since when."""
        source_id, at = found.shop_order.source_id, self._clock.now()
        try:
            now = self._feed.one(source_id)
        except NotFound:
            self._index.read([], [source_id], at)
            raise
        except ExternalError as exc:
            log.warning("shop.not_asked", system=self._feed.system, kind=exc.kind)
            return self._aged(found)
        self._index.read([now], [], at)
        return _Answer(now.order, now.payment)

    def _aged(self, found: Indexed) -> _Answer:
        as_of = self._as_of(found)
        order = found.shop_order.order
        return _Answer(replace(order, as_of=as_of) if self._is_old(as_of) else order, found.shop_order.payment)

    def _as_of(self, found: Indexed) -> datetime:
        # A look that did not bring it has found it unchanged, unless it was brought and nobody could read it.
        if found.unreadable or found.looked_at is None:
            return found.seen_at
        return max(found.seen_at, found.looked_at)

    def _is_old(self, moment: datetime) -> bool:
        return self._clock.now() - moment > self._freshness.fresh


@dataclass(frozen=True, slots=True)
class _Answer:
    order: Order
    payment: Payment | None


class IndexedPayments:
    """What the shop's own payment fields say (the port `PaymentGateway`)."""

    def __init__(self, orders: IndexedOrders) -> None:
        self._orders = orders

    def inquire(self, order_number: str) -> Payment:
        """Return the newest payment attempt of an order. Raises NotFound."""
        return self._orders.payment(order_number)
