"""WooCommerce as a feed of orders, and the webhooks it sends."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from peyk.adapters._http import TOO_LARGE, Rejected
from peyk.adapters.orders._reading import Unreadable, id_of
from peyk.adapters.orders.woocommerce.client import ORDER_FIELDS, Listed, WooCommerceApi
from peyk.adapters.orders.woocommerce.mapping import Rules, is_order, to_order
from peyk.errors import BadAnswer, NotFound
from peyk.ports.clock import Clock
from peyk.ports.shops import Forged, NewsKind, OrdersPage, ShopNews, ShopOrder

SYSTEM = "woocommerce"
# Every page repeats the last ones of the page before: what is deleted meanwhile moves all others up.
REPEATED = 5
# So many orders in a row that nobody can read are not theirs but our mistake, or another program's answer.
TOO_MANY_UNREADABLE = 5
# A refund older than this is no longer on its way.
REFUND_NEWS = timedelta(days=60)
PARTS = ("any", "trash")
_PING = re.compile(rb"webhook_id=\d{1,18}")
_DRAFT_OR_TRASH = "no order any more"


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
        part, offset = _read_cursor(cursor)
        if part == PARTS[1]:
            return self._trash(changed_since, offset)
        listed = self._listed(part, changed_since, offset, ORDER_FIELDS)
        orders, gone, unreadable = [], [], []
        for raw in listed.rows:
            source_id = self._id(raw)
            try:
                if is_order(raw):
                    orders.append(self._order(raw))
                else:
                    gone.append(source_id)
            except Unreadable:
                unreadable.append(source_id)
        if len(unreadable) >= TOO_MANY_UNREADABLE and not orders:
            raise BadAnswer(SYSTEM, f"{len(unreadable)} orders, and none can be read")
        return OrdersPage(
            tuple(orders), self._next(part, offset, listed), listed.total, tuple(unreadable), tuple(gone), self._now()
        )

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound."""
        if not (source_id.isascii() and source_id.isdecimal()):
            raise NotFound(SYSTEM, "not an id of theirs")
        raw = self._api.order(source_id)
        try:
            if not is_order(raw):
                raise NotFound(SYSTEM, _DRAFT_OR_TRASH)
            found = self._order(raw)
        except Unreadable as exc:
            raise BadAnswer(SYSTEM, str(exc)) from None
        if found.source_id != source_id:
            raise BadAnswer(SYSTEM, "another order than was asked for")
        return found

    def _trash(self, since: datetime | None, offset: int) -> OrdersPage:
        try:
            listed = self._listed(PARTS[1], since, offset, "id,status")
        except Rejected:
            # A site that does not let its trash be seen: what was deleted is found out when it is asked for.
            return OrdersPage((), at=self._now())
        gone = tuple(self._id(raw) for raw in listed.rows)
        return OrdersPage((), self._next(PARTS[1], offset, listed), gone=gone, at=self._now())

    def _listed(self, part: str, since: datetime | None, offset: int, fields: str) -> Listed:
        size = self._size
        while True:
            try:
                return self._api.orders(status=part, since=since, offset=offset, size=size, fields=fields)
            except BadAnswer as exc:
                if TOO_LARGE not in str(exc) or size == 1:
                    raise
                size //= 2

    def _next(self, part: str, offset: int, listed: Listed) -> str | None:
        """Return the cursor of the next page: of the same part, of the next one, or None."""
        read = len(listed.rows)
        there = listed.total if listed.total is not None else offset + read + (read >= listed.size)
        if read and offset + read < there:
            return f"{part}:{offset + max(1, read - REPEATED)}"
        return f"{PARTS[1]}:0" if part == PARTS[0] else None

    def _order(self, raw: Mapping[str, Any]) -> ShopOrder:
        found = to_order(raw, self._rules)
        refund = found.order.refund
        if refund is None or found.changed_at < self._clock.now() - REFUND_NEWS:
            return found
        try:
            refunds = self._api.refunds(found.source_id)
        except (NotFound, BadAnswer):
            # The order is worth more than the date of its refund.
            return found
        return to_order(raw, self._rules, [row for row in refunds if isinstance(row, Mapping)])

    def _id(self, raw: object) -> str:
        try:
            return id_of(raw.get("id") if isinstance(raw, Mapping) else None)
        except Unreadable:
            raise BadAnswer(SYSTEM, "an order without an id") from None

    def _now(self) -> datetime | None:
        ahead = self._api.http.clock_s
        return self._clock.now() + timedelta(seconds=ahead) if ahead is not None else None


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


def _read_cursor(cursor: str | None) -> tuple[str, int]:
    part, _, offset = (cursor or f"{PARTS[0]}:0").partition(":")
    return part, int(offset)
