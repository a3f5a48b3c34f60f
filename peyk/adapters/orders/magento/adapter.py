"""Magento as a feed of orders. Open Source sends no webhooks [D]: it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from peyk.adapters._http import TOO_LARGE
from peyk.adapters.orders._reading import Unreadable
from peyk.adapters.orders.magento.client import Found, MagentoApi
from peyk.adapters.orders.magento.mapping import Rules, to_order
from peyk.errors import BadAnswer, NotFound
from peyk.ports.clock import Clock
from peyk.ports.shops import OrdersPage, ShopOrder

SYSTEM = "magento"
TOO_MANY_UNREADABLE = 5


class MagentoFeed:
    """The orders of a Magento shop (the port `OrderFeed`), the highest id first; the cursor is the last id read."""

    system = SYSTEM

    def __init__(self, api: MagentoApi, rules: Rules, clock: Clock, page_size: int) -> None:
        self._api = api
        self._rules = rules
        self._clock = clock
        self._size = page_size

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        """Return a page of what changed at or after a moment."""
        found = self._found(changed_since, int(cursor) if cursor else None)
        ids = [str(self._api.id_of(raw)) for raw in found.rows]
        shipments = self._shipments(ids)
        orders, unreadable = [], []
        for entity_id, raw in zip(ids, found.rows, strict=True):
            try:
                orders.append(to_order(raw, shipments.get(entity_id, []), self._rules))
            except Unreadable:
                unreadable.append(entity_id)
        if len(unreadable) >= TOO_MANY_UNREADABLE and not orders:
            raise BadAnswer(SYSTEM, f"{len(unreadable)} orders, and none can be read")
        more = ids[-1] if found.total > len(ids) else None
        total = found.total if cursor is None else None
        return OrdersPage(tuple(orders), more, total, tuple(unreadable), at=self._now())

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound."""
        if not (source_id.isascii() and source_id.isdecimal()):
            raise NotFound(SYSTEM, "not an id of theirs")
        raw = self._api.order(source_id)
        if str(self._api.id_of(raw)) != source_id:
            raise BadAnswer(SYSTEM, "another order than was asked for")
        try:
            return to_order(raw, self._shipments([source_id]).get(source_id, []), self._rules)
        except Unreadable as exc:
            raise BadAnswer(SYSTEM, str(exc)) from None

    def _found(self, since: datetime | None, below: int | None) -> Found:
        size = self._size
        while True:
            try:
                return self._api.orders(since, below, size)
            except BadAnswer as exc:
                if TOO_LARGE not in str(exc) or size == 1:
                    raise
                size //= 2

    def _shipments(self, ids: list[str]) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in self._api.shipments(ids):
            found.setdefault(str(row.get("order_id")), []).append(row)
        # The first that left stands first.
        return {order_id: rows[::-1] for order_id, rows in found.items()}

    def _now(self) -> datetime | None:
        ahead = self._api.http.clock_s
        return self._clock.now() + timedelta(seconds=ahead) if ahead is not None else None
