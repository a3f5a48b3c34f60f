"""Shopify as a feed of orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from peyk.adapters._http import TOO_LARGE
from peyk.adapters.orders._reading import Unreadable
from peyk.adapters.orders.shopify.client import COUNT, ONE, ORDERS, SCOPES, TOO_DEAR, ShopifyApi
from peyk.adapters.orders.shopify.mapping import Rules, id_in, to_order
from peyk.errors import BadAnswer, NotFound, NotOffered
from peyk.ports.clock import Clock
from peyk.ports.shops import OrdersPage, ShopOrder

SYSTEM = "shopify"
TOO_MANY_UNREADABLE = 5
ALL_ORDERS = "read_all_orders"


class ShopifyFeed:
    """The orders of a Shopify shop (the port `OrderFeed`), the highest id first; the cursor is the last id read."""

    system = SYSTEM

    def __init__(self, api: ShopifyApi, rules: Rules, clock: Clock, page_size: int) -> None:
        self._api = api
        self._rules = rules
        self._clock = clock
        self._size = page_size

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        """Return a page of what changed at or after a moment."""
        changed = f"updated_at:>='{changed_since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'" if changed_since else ""
        below = f"id:<={int(cursor) - 1}" if cursor else ""
        rows, more = self._listed(" AND ".join(filter(None, (changed, below))))
        orders, unreadable, last = [], [], 0
        for raw in rows:
            last = self._id(raw)
            if cursor and last >= int(cursor):
                raise BadAnswer(SYSTEM, "it does not keep to the range of ids")
            try:
                orders.append(to_order(raw, self._rules))
            except Unreadable:
                unreadable.append(str(last))
        if len(unreadable) >= TOO_MANY_UNREADABLE and not orders:
            raise BadAnswer(SYSTEM, f"{len(unreadable)} orders, and none can be read")
        total = self._count(changed) if cursor is None else None
        following = str(last) if more and rows else None
        return OrdersPage(tuple(orders), following, total, tuple(unreadable), at=self._now())

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound, or NotOffered where the app may not see older ones."""
        if not (source_id.isascii() and source_id.isdecimal()):
            raise NotFound(SYSTEM, "not an id of theirs")
        data = self._api.ask(ONE, id=f"gid://shopify/Order/{source_id}")
        if "order" not in data:
            raise BadAnswer(SYSTEM, "an answer without the order")
        raw = data["order"]
        if raw is None:
            # Without the right to see them all an order that is only old looks like one that never was.
            raise NotFound(SYSTEM) if self.sees_all() else NotOffered(SYSTEM, f"the app has no {ALL_ORDERS}")
        try:
            found = to_order(raw, self._rules) if isinstance(raw, Mapping) else None
        except Unreadable as exc:
            raise BadAnswer(SYSTEM, str(exc)) from None
        if found is None or found.source_id != source_id:
            raise BadAnswer(SYSTEM, "another order than was asked for")
        return found

    def sees_all(self) -> bool:
        """Tell whether the app may see orders that are older than 60 days."""
        installed = self._api.ask(SCOPES).get("currentAppInstallation")
        scopes = installed.get("accessScopes") if isinstance(installed, Mapping) else None
        if not isinstance(scopes, list):
            raise BadAnswer(SYSTEM, "an answer without rights")
        return any(isinstance(each, Mapping) and each.get("handle") == ALL_ORDERS for each in scopes)

    def _listed(self, query: str) -> tuple[list[Mapping[str, Any]], bool]:
        size = self._size
        while True:
            try:
                data = self._api.ask(ORDERS, first=size, query=query or None)
                break
            except BadAnswer as exc:
                if size == 1 or not (TOO_DEAR in str(exc) or TOO_LARGE in str(exc)):
                    raise
                size //= 2
        orders = data.get("orders")
        rows = orders.get("nodes") if isinstance(orders, Mapping) else None
        info = orders.get("pageInfo") if isinstance(orders, Mapping) else None
        if not isinstance(rows, list) or not isinstance(info, Mapping):
            raise BadAnswer(SYSTEM, "an answer without orders")
        return rows, info.get("hasNextPage") is True

    def _count(self, query: str) -> int | None:
        """Return how many there are; it is for the progress bar alone."""
        counted = self._api.ask(COUNT, query=query or None).get("ordersCount")
        if not isinstance(counted, Mapping) or counted.get("precision") != "EXACT":
            return None
        count = counted.get("count")
        return count if isinstance(count, int) else None

    def _id(self, raw: object) -> int:
        try:
            return int(id_in(raw if isinstance(raw, Mapping) else {}))
        except Unreadable:
            raise BadAnswer(SYSTEM, "an order without an id") from None

    def _now(self) -> datetime | None:
        ahead = self._api.http.clock_s
        return self._clock.now() + timedelta(seconds=ahead) if ahead is not None else None
