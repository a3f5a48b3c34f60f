"""Vendure as a feed of orders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from peyk.adapters._http import TOO_LARGE
from peyk.adapters.orders._reading import Unreadable, text_of
from peyk.adapters.orders.vendure.client import VendureApi
from peyk.adapters.orders.vendure.mapping import Rules, to_order
from peyk.errors import BadAnswer, NotFound
from peyk.ports.clock import Clock
from peyk.ports.shops import OrdersPage, ShopOrder

SYSTEM = "vendure"
TOO_MANY_UNREADABLE = 5
_ID = re.compile(r"[1-9A-Za-z][0-9A-Za-z-]{0,63}")


class VendureFeed:
    """The orders of a Vendure shop (the port `OrderFeed`), the newest first.

    Placed orders stay, and what is new or changed meanwhile only pushes others on: they come twice, none is missed.
    """

    system = SYSTEM

    def __init__(self, api: VendureApi, rules: Rules, clock: Clock, page_size: int) -> None:
        self._api = api
        self._rules = rules
        self._clock = clock
        self._size = page_size

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        """Return a page of what changed at or after a moment."""
        skip = int(cursor) if cursor else 0
        found = self._listed(changed_since, skip)
        rows, total = found.get("items"), found.get("totalItems")
        if not isinstance(rows, list) or isinstance(total, bool) or not isinstance(total, int):
            raise BadAnswer(SYSTEM, "not a list of orders")
        orders, unreadable = [], []
        for raw in rows:
            source_id = self._id(raw)
            try:
                orders.append(to_order(raw, self._rules))
            except Unreadable:
                unreadable.append(source_id)
        if len(unreadable) >= TOO_MANY_UNREADABLE and not orders:
            raise BadAnswer(SYSTEM, f"{len(unreadable)} orders, and none can be read")
        read = skip + len(rows)
        more = str(read) if rows and read < total else None
        return OrdersPage(tuple(orders), more, total if cursor is None else None, tuple(unreadable), at=self._now())

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound."""
        if not _ID.fullmatch(source_id):
            raise NotFound(SYSTEM, "not an id of theirs")
        raw = self._api.order(source_id)
        if raw is None:
            raise NotFound(SYSTEM)
        if self._id(raw) != source_id:
            raise BadAnswer(SYSTEM, "another order than was asked for")
        try:
            return to_order(raw if isinstance(raw, Mapping) else {}, self._rules)
        except Unreadable as exc:
            raise BadAnswer(SYSTEM, str(exc)) from None

    def _listed(self, since: datetime | None, skip: int) -> Mapping[str, object]:
        size = self._size
        while True:
            try:
                return self._api.orders(since, skip, size)
            except BadAnswer as exc:
                if TOO_LARGE not in str(exc) or size == 1:
                    raise
                size //= 2

    def _id(self, raw: object) -> str:
        try:
            found = text_of(raw.get("id") if isinstance(raw, Mapping) else None, "id")
        except Unreadable:
            found = ""
        if not found:
            raise BadAnswer(SYSTEM, "an order without an id")
        return found

    def _now(self) -> datetime | None:
        ahead = self._api.http.clock_s
        return self._clock.now() + timedelta(seconds=ahead) if ahead is not None else None
