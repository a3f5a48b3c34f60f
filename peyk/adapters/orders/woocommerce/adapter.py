"""WooCommerce as a feed of orders, and the webhooks it sends."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from pydantic import SecretStr

from peyk.adapters._http import TOO_LARGE, Rejected
from peyk.adapters.orders._reading import Unreadable, id_of
from peyk.adapters.orders.woocommerce.client import ORDER_FIELDS, Listed, WooCommerceApi
from peyk.adapters.orders.woocommerce.mapping import Rules, is_order, to_order
from peyk.errors import BadAnswer, ExternalError, NotFound
from peyk.ports.clock import Clock
from peyk.ports.shops import Forged, NewsKind, OrdersPage, ShopNews, ShopOrder

SYSTEM = "woocommerce"
# Every page repeats the last ones of the page before: what is deleted meanwhile moves all others up.
REPEATED = 5
# Where more were deleted than that, a page is asked for again so much further up, then twice as much, until it joins.
STEP_BACK = 20
# So many orders in a row that nobody can read are not theirs but our mistake, or another program's answer.
TOO_MANY_UNREADABLE = 5
# A refund older than this is no longer on its way.
REFUND_NEWS = timedelta(days=60)
# So long a page asks for the dates of refunds, one call an order; the others are dated by their last change.
REFUND_DATES_S = 1.0
PARTS = ("any", "trash")
_PING = re.compile(rb"webhook_id=\d{1,18}")
_DRAFT_OR_TRASH = "no order any more"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a pass stands: in which part, how far from its newest, and below which id (None: at the beginning)."""

    part: str
    offset: int
    last: int | None = None


class WooCommerceFeed:
    """The orders of a WooCommerce shop (the port `OrderFeed`).

    The API knows no order of change [D], so a pass goes from the newest order to the oldest: an index that is being
    filled knows first what people ask for. `any` leaves out the trash [K], which is looked at afterwards.
    """

    system = SYSTEM

    def __init__(self, api: WooCommerceApi, rules: Rules, clock: Clock, page_size: int) -> None:
        self._api = api
        self._rules = rules
        self._clock = clock
        self._size = page_size

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        """Return a page of what changed at or after a moment."""
        place = _read_cursor(cursor)
        if place.part == PARTS[1]:
            return self._trash(changed_since, place)
        place, listed = self._joined(place, changed_since, ORDER_FIELDS)
        orders, gone, unreadable = [], [], []
        dates = _RefundDates(self._api, monotonic() + REFUND_DATES_S)
        for raw in listed.rows:
            source_id = self._id(raw)
            try:
                if is_order(raw):
                    orders.append(self._order(raw, dates))
                else:
                    gone.append(source_id)
            except Unreadable:
                unreadable.append(source_id)
        if len(unreadable) >= TOO_MANY_UNREADABLE and not orders:
            raise BadAnswer(SYSTEM, f"{len(unreadable)} orders, and none can be read")
        return OrdersPage(
            tuple(orders), self._next(place, listed), listed.total, tuple(unreadable), tuple(gone), self._now()
        )

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound."""
        if not (source_id.isascii() and source_id.isdecimal()):
            raise NotFound(SYSTEM, "not an id of theirs")
        raw = self._api.order(source_id)
        try:
            if not is_order(raw):
                raise NotFound(SYSTEM, _DRAFT_OR_TRASH)
            found = self._order(raw, _RefundDates(self._api))
        except Unreadable as exc:
            raise BadAnswer(SYSTEM, str(exc)) from None
        if found.source_id != source_id:
            raise BadAnswer(SYSTEM, "another order than was asked for")
        return found

    def _trash(self, since: datetime | None, place: _Place) -> OrdersPage:
        try:
            place, listed = self._joined(place, since, "id,status")
        except Rejected:
            # A site that does not let its trash be seen: what was deleted is found out when it is asked for.
            return OrdersPage((), at=self._now())
        gone = tuple(self._id(raw) for raw in listed.rows)
        return OrdersPage((), self._next(place, listed), gone=gone, at=self._now())

    def _joined(self, place: _Place, since: datetime | None, fields: str) -> tuple[_Place, Listed]:
        """Return a page that leaves no gap below the last one, and where it was found."""
        back = STEP_BACK
        while True:
            listed = self._listed(place.part, since, place.offset, fields)
            if place.offset == 0 or place.last is None or not self._has_gap(listed, place.last):
                return place, listed
            place = replace(place, offset=max(0, place.offset - back))
            back *= 2

    def _has_gap(self, listed: Listed, last: int) -> bool:
        """Tell whether orders between the last one read and this page may have moved up past it."""
        ids = self._ids(listed)
        # A plugin may list them in an order of its own: then ids tell nothing.
        return not ids or (ids == sorted(ids, reverse=True) and ids[0] < last)

    def _listed(self, part: str, since: datetime | None, offset: int, fields: str) -> Listed:
        size = self._size
        while True:
            try:
                return self._api.orders(status=part, since=since, offset=offset, size=size, fields=fields)
            except BadAnswer as exc:
                if TOO_LARGE not in str(exc) or size == 1:
                    raise
                size //= 2

    def _next(self, place: _Place, listed: Listed) -> str | None:
        """Return the cursor of the next page: of the same part, of the next one, or None."""
        read, offset = len(listed.rows), place.offset
        there = listed.total if listed.total is not None else offset + read + (read >= listed.size)
        if read and offset + read < there:
            # After a step back the page may end above what was read already.
            last = min(self._ids(listed)[-1], place.last or sys.maxsize)
            return f"{place.part}:{offset + max(1, read - REPEATED)}:{last}"
        return f"{PARTS[1]}:0" if place.part == PARTS[0] else None

    def _order(self, raw: Mapping[str, Any], dates: _RefundDates) -> ShopOrder:
        found = to_order(raw, self._rules)
        refund = found.order.refund
        if refund is None or found.changed_at < self._clock.now() - REFUND_NEWS:
            return found
        return to_order(raw, self._rules, dates.of(found.source_id))

    def _ids(self, listed: Listed) -> list[int]:
        return [int(self._id(raw)) for raw in listed.rows]

    def _id(self, raw: object) -> str:
        try:
            return id_of(raw.get("id") if isinstance(raw, Mapping) else None)
        except Unreadable:
            raise BadAnswer(SYSTEM, "an order without an id") from None

    def _now(self) -> datetime | None:
        ahead = self._api.http.clock_s
        return self._clock.now() + timedelta(seconds=ahead) if ahead is not None else None


class _RefundDates:
    """Asks when refunds were made, until `until` (monotonic seconds, None: no limit) or until the shop does not say.

    The orders are worth more than the dates of their refunds.
    """

    def __init__(self, api: WooCommerceApi, until: float | None = None) -> None:
        self._api = api
        self._until = until

    def of(self, source_id: str) -> list[Mapping[str, Any]]:
        """Return the refunds of an order; none where they are not asked for."""
        if self._until is not None and monotonic() >= self._until:
            return []
        try:
            rows = self._api.refunds(source_id)
        except BadAnswer:
            return []
        except ExternalError:
            # A shop that is slow, down or asks for a pause is not asked once more an order.
            self._until = 0.0
            return []
        return [row for row in rows if isinstance(row, Mapping)]


class WooCommerceWebhooks:
    """Reads `order.*` webhooks (the port `ShopWebhooks`) [D].

    The signature is of the raw body alone: topic and delivery id stand beside it. So a body that is a whole order is
    news of that order whatever its topic says, and one that is only an id deletes.
    """

    def __init__(self, secret: SecretStr, rules: Rules) -> None:
        self._secret = secret.get_secret_value().encode()
        self._rules = rules

    def read(self, headers: Mapping[str, str], body: bytes) -> ShopNews:
        """Return what a delivery says. Raises Forged, or BadAnswer for a genuine one that cannot be read."""
        given = {name.lower(): value for name, value in headers.items()}
        signature = given.get("x-wc-webhook-signature", "")
        if not signature and _PING.fullmatch(body.strip()):
            # When a webhook is made it says so once, unsigned [K]; a ping does nothing.
            return ShopNews("ping", NewsKind.PING)
        if not self._is_genuine(signature, body):
            raise Forged
        # Its own id is made of the webhook and the second [C]: orders that change in one second share it.
        told = f"{given.get('x-wc-webhook-delivery-id', '')}\n{signature}"
        delivery = hashlib.sha256(told.encode()).hexdigest()
        topic = given.get("x-wc-webhook-topic", "")
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            raise BadAnswer(SYSTEM, "a webhook that is no JSON") from None
        if not isinstance(raw, dict) or not topic.startswith("order."):
            return ShopNews(delivery, NewsKind.PING)
        return self._news(raw, topic, delivery)

    def _news(self, raw: Mapping[str, Any], topic: str, delivery: str) -> ShopNews:
        try:
            source_id = id_of(raw.get("id"))
            if topic == "order.deleted" and "number" not in raw:
                return ShopNews(delivery, NewsKind.DELETED, source_id)
            if not is_order(raw):
                return ShopNews(delivery, NewsKind.DELETED, source_id)
            return ShopNews(delivery, NewsKind.CHANGED, source_id, to_order(raw, self._rules))
        except Unreadable as exc:
            raise BadAnswer(SYSTEM, f"a webhook that cannot be read: {exc}") from None

    def _is_genuine(self, signature: str, body: bytes) -> bool:
        digest = base64.b64encode(hmac.new(self._secret, body, hashlib.sha256).digest())
        return hmac.compare_digest(signature.encode("utf-8", "replace"), digest) and bool(self._secret)


def _read_cursor(cursor: str | None) -> _Place:
    part, offset, last = [*(cursor or f"{PARTS[0]}:0").split(":"), ""][:3]
    return _Place(part, int(offset), int(last) if last else None)
