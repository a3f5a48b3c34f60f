"""Shopify's webhooks: signed over the raw body [D], in the shape of its legacy REST API."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic import SecretStr

from peyk.adapters.orders._reading import Unreadable, amount_of, id_of, row_of, rows_of, text_of
from peyk.adapters.orders.shopify.mapping import Rules, to_order
from peyk.errors import BadAnswer
from peyk.ports.shops import Forged, NewsKind, ShopNews

log = structlog.get_logger(__name__)

Json = Mapping[str, Any]
# What REST calls what GraphQL writes in displayFulfillmentStatus [K]; an order nobody has touched has none.
FULFILMENT = {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED", "fulfilled": "FULFILLED", "restocked": "RESTOCKED"}


class ShopifyWebhooks:
    """Reads `orders/*` and the three topics of data protection (the port `ShopWebhooks`).

    Topic and delivery id are not signed: only a body that is no order can delete one. After a new secret was made both
    are good for up to an hour [D].
    """

    def __init__(self, system: str, secrets: Sequence[SecretStr], rules: Rules) -> None:
        self._system = system
        self._secrets = [each.get_secret_value().encode() for each in secrets if each.get_secret_value()]
        self._rules = rules

    def read(self, headers: Mapping[str, str], body: bytes) -> ShopNews:
        """Return what a delivery says. Raises Forged, or BadAnswer for a genuine one that cannot be read."""
        given = {name.lower(): value for name, value in headers.items()}
        signature = given.get("x-shopify-hmac-sha256", "")
        if not self._is_genuine(signature, body):
            raise Forged
        delivery = given.get("x-shopify-webhook-id", "") or hashlib.sha256(signature.encode()).hexdigest()
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            raise BadAnswer(self._system, "a webhook that is no JSON") from None
        if not isinstance(raw, dict):
            return ShopNews(delivery[:128], NewsKind.PING)
        try:
            return self._news(raw, given.get("x-shopify-topic", ""), delivery[:128])
        except Unreadable as exc:
            raise BadAnswer(self._system, f"a webhook that cannot be read: {exc}") from None

    def _news(self, raw: Json, topic: str, delivery: str) -> ShopNews:
        if topic == "orders/delete" and "name" not in raw:
            return ShopNews(delivery, NewsKind.DELETED, id_of(raw.get("id")))
        if topic.startswith("orders/"):
            order = to_order(as_graphql(raw), self._rules)
            return ShopNews(delivery, NewsKind.CHANGED, order.source_id, order)
        if topic == "customers/redact":
            ids = _ids(raw, "orders_to_redact")
            log.info("shopify.redacted", orders=len(ids))
            if not ids:
                return ShopNews(delivery, NewsKind.PING)
            return ShopNews(delivery, NewsKind.DELETED, ids[0], further=ids[1:])
        if topic == "shop/redact":
            log.info("shopify.shop_redacted")
            return ShopNews(delivery, NewsKind.CLOSED)
        if topic == "customers/data_request":
            # The merchant answers the customer [D]; ids alone, so that they know which orders Peyk has.
            log.warning("shopify.data_requested", orders=_ids(raw, "orders_requested"))
        return ShopNews(delivery, NewsKind.PING)

    def _is_genuine(self, signature: str, body: bytes) -> bool:
        given = signature.encode("utf-8", "replace")
        good = [base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()) for secret in self._secrets]
        return any(hmac.compare_digest(given, each) for each in good)


def as_graphql(raw: Json) -> dict[str, Any]:
    """Return an order of the REST shape as GraphQL writes it [K]. Raises Unreadable."""
    id_of(raw.get("id"))
    written = raw.get("fulfillment_status")
    fulfilment = None if written is None else text_of(written, "fulfillment_status")
    return {
        "legacyResourceId": raw["id"],
        "name": raw.get("name"),
        "createdAt": raw.get("created_at"),
        "updatedAt": raw.get("updated_at"),
        "processedAt": raw.get("processed_at"),
        "cancelledAt": raw.get("cancelled_at"),
        "email": raw.get("email"),
        "phone": raw.get("phone"),
        "paymentGatewayNames": raw.get("payment_gateway_names"),
        "displayFinancialStatus": raw.get("financial_status"),
        "displayFulfillmentStatus": FULFILMENT.get(fulfilment, fulfilment),
        "currentTotalPriceSet": _money(raw.get("current_total_price_set") or raw.get("total_price_set")),
        "totalRefundedSet": _refunded(raw),
        "shippingAddress": row_of(raw.get("shipping_address"), "shipping_address"),
        "billingAddress": row_of(raw.get("billing_address"), "billing_address"),
        "lineItems": {"nodes": [_item(row) for row in rows_of(raw.get("line_items"), "line_items")]},
        "fulfillments": [_fulfilment(row) for row in rows_of(raw.get("fulfillments"), "fulfillments")],
        "refunds": [{"createdAt": row.get("created_at")} for row in rows_of(raw.get("refunds"), "refunds")],
    }


def _ids(raw: Json, name: str) -> tuple[str, ...]:
    written = raw.get(name) or []
    if not isinstance(written, list):
        raise Unreadable(f"{name} is no list")
    return tuple(id_of(each) for each in written)


def _item(row: Json) -> dict[str, Any]:
    return {**row, "originalUnitPriceSet": _money(row.get("price_set"))}


def _fulfilment(row: Json) -> dict[str, Any]:
    written = row.get("tracking_numbers")
    numbers = written if isinstance(written, list) else []
    status = row.get("shipment_status") or {"cancelled": "canceled"}.get(str(row.get("status")), row.get("status"))
    return {
        "createdAt": row.get("created_at"),
        "displayStatus": str(status).upper() if status else None,
        "trackingInfo": [{"number": each, "company": row.get("tracking_company")} for each in numbers],
    }


def _refunded(raw: Json) -> dict[str, Any] | None:
    paid_back = [
        row
        for refund in rows_of(raw.get("refunds"), "refunds")
        for row in rows_of(refund.get("transactions"), "transactions")
        if row.get("kind") == "refund" and row.get("status") == "success"
    ]
    if not paid_back:
        return None
    whole = sum(amount_of(row.get("amount") or 0, "refund") for row in paid_back)
    return {"presentmentMoney": {"amount": str(whole), "currencyCode": paid_back[0].get("currency")}}


def _money(written: object) -> dict[str, Any] | None:
    if not isinstance(written, Mapping):
        return None
    inner = row_of(written.get("presentment_money"), "presentment_money")
    return {"presentmentMoney": {"amount": inner.get("amount"), "currencyCode": inner.get("currency_code")}}
