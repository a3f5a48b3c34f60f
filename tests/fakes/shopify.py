"""A Shopify shop: the queries Peyk asks, points that run out, and webhooks signed as it signs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.fakes.vendor_http import Answer, Call, FakeVendor

Json = Any
TOKEN, CLIENT_SECRET, OLD_SECRET = "shpat_5f0c1d2e", "shpss_9a8b7c6d", "shpss_00112233"
_SINCE = re.compile(r"updated_at:>='([^']+)'")
_BELOW = re.compile(r"id:<=(\d+)")


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def money(amount: str, currency: str = "USD") -> Json:
    # The shop counts in another currency than the customer was shown.
    return {"presentmentMoney": {"amount": amount, "currencyCode": currency}}


class FakeShopify(FakeVendor):
    """Its time is `now()`; a page costs a point an order and `points` is what is left of the bucket."""

    essential = frozenset({"legacyResourceId", "name", "updatedAt", "createdAt"})
    error_body: Json = {  # noqa: RUF012
        "errors": [{"message": f"no such field {TOKEN}", "extensions": {"code": "undefinedField"}}]
    }

    no_route: Json = {"errors": "Not Found"}  # noqa: RUF012

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(TOKEN)
        self.now = now
        self.orders: dict[int, Json] = {}
        self.points = 2000.0
        self.restore_rate = 100.0
        self.dearest = 1000
        self.scopes = ["read_orders", "read_all_orders"]
        self._next = 450789469

    def add(self, **changes: Any) -> Json:
        """Place an order: paid, nothing sent yet, unless told otherwise."""
        number, self._next = self._next, self._next + 7
        at = changes.pop("placed_at", None) or self.now()
        self.orders[number] = {
            "legacyResourceId": str(number),
            "name": f"#{1001 + len(self.orders)}",
            "createdAt": iso(at),
            "processedAt": iso(at),
            "cancelledAt": None,
            "email": "Sara@Example.com",
            "phone": None,
            "paymentGatewayNames": ["shopify_payments"],
            "displayFinancialStatus": "PAID",
            "displayFulfillmentStatus": "UNFULFILLED",
            "currentTotalPriceSet": money("120.00"),
            "totalRefundedSet": money("0.00"),
            "shippingAddress": {
                "name": "Sara Sample",
                "phone": "+98 912 123 4567",
                "city": "Tehran",
                "address1": "1 Sample St",
                "address2": None,
            },
            "billingAddress": None,
            "lineItems": {
                "nodes": [{"sku": "HP-1", "title": "Headphones", "quantity": 2, "originalUnitPriceSet": money("60.00")}]
            },
            "fulfillments": [],
            "refunds": [],
        }
        return self.change(number, at=at, **changes)

    def change(self, order_id: int, *, at: datetime | None = None, **changes: Any) -> Json:
        self.orders[order_id].update(changes, updatedAt=iso(at or self.now()))
        return self.orders[order_id]

    def ship(self, order_id: int, *codes: str, company: str = "DHL Express") -> Json:
        """Hand over a parcel a code."""
        parcels = [
            {
                "createdAt": iso(self.now()),
                "displayStatus": "FULFILLED",
                "estimatedDeliveryAt": None,
                "trackingInfo": [{"number": code, "company": company}],
            }
            for code in codes
        ]
        return self.change(order_id, fulfillments=parcels, displayFulfillmentStatus="FULFILLED")

    def refusal(self, call: Call) -> Answer | None:
        if call.headers.get("X-Shopify-Access-Token") == TOKEN:
            return None
        return Answer(401, {"errors": f"[API] Invalid API key or access token {TOKEN}"})

    def handle(self, call: Call) -> Answer:
        if call.method != "POST" or not re.fullmatch(r"/admin/api/\d{4}-\d\d/graphql.json", call.path):
            return Answer(404, self.no_route)
        query, variables = call.body["query"], call.body["variables"]
        cost = int(variables.get("first", 1))
        if cost > self.dearest:
            return self._answer(cost, errors=[{"message": "too dear", "extensions": {"code": "MAX_COST_EXCEEDED"}}])
        if cost > self.points:
            return self._answer(cost, errors=[{"message": "Throttled", "extensions": {"code": "THROTTLED"}}])
        self.points -= cost
        return self._answer(cost, data=self._data(query, variables))

    def _data(self, query: str, variables: Json) -> Json:
        if "query PeykScopes" in query:
            return {"currentAppInstallation": {"accessScopes": [{"handle": scope} for scope in self.scopes]}}
        if "query PeykOrder(" in query:
            return {"order": self.orders.get(int(variables["id"].rpartition("/")[2]))}
        rows = self._found(variables.get("query") or "")
        if "query PeykCount" in query:
            return {"ordersCount": {"count": len(rows), "precision": "EXACT"}}
        page = rows[: variables["first"]]
        return {"orders": {"nodes": page, "pageInfo": {"hasNextPage": len(page) < len(rows)}}}

    def _found(self, query: str) -> list[Json]:
        since, below = _SINCE.search(query), _BELOW.search(query)
        rows = sorted(self.orders.items(), reverse=True)
        return [
            order
            for order_id, order in rows
            if (since is None or order["updatedAt"] >= since[1]) and (below is None or order_id <= int(below[1]))
        ]

    def _answer(self, cost: int, **parts: Any) -> Answer:
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": self.points, "restoreRate": self.restore_rate}
        return Answer(200, {**parts, "extensions": {"cost": {"requestedQueryCost": cost, "throttleStatus": status}}})

    def delivery(
        self, body: Json, webhook_id: str, topic: str = "orders/updated", secret: str = CLIENT_SECRET
    ) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a webhook."""
        raw = json.dumps(body).encode()
        digest = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
        headers = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-SHA256": base64.b64encode(digest).decode(),
            "X-Shopify-Shop-Domain": "my-shop.myshopify.com",
            "X-Shopify-Webhook-Id": webhook_id,
        }
        return headers, raw

    def rest(self, order: Json) -> Json:
        """Return an order as webhooks write it."""

        def price(written: Json) -> Json:
            inner = written["presentmentMoney"]
            return {"presentment_money": {"amount": inner["amount"], "currency_code": inner["currencyCode"]}}

        shown = {"UNFULFILLED": None, "FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}
        return {
            "id": int(order["legacyResourceId"]),
            "name": order["name"],
            "created_at": order["createdAt"],
            "updated_at": order["updatedAt"],
            "processed_at": order["processedAt"],
            "cancelled_at": order["cancelledAt"],
            "email": order["email"],
            "phone": order["phone"],
            "payment_gateway_names": order["paymentGatewayNames"],
            "financial_status": order["displayFinancialStatus"] and order["displayFinancialStatus"].lower(),
            "fulfillment_status": shown[order["displayFulfillmentStatus"]],
            "current_total_price_set": price(order["currentTotalPriceSet"]),
            "shipping_address": order["shippingAddress"],
            "billing_address": order["billingAddress"],
            "line_items": [
                {
                    "sku": row["sku"],
                    "title": row["title"],
                    "quantity": row["quantity"],
                    "price_set": price(row["originalUnitPriceSet"]),
                }
                for row in order["lineItems"]["nodes"]
            ],
            "fulfillments": [
                {
                    "created_at": row["createdAt"],
                    "status": "success",
                    "shipment_status": None,
                    "tracking_company": row["trackingInfo"][0]["company"],
                    "tracking_numbers": [info["number"] for info in row["trackingInfo"]],
                }
                for row in order["fulfillments"]
            ],
            "refunds": [],
        }
