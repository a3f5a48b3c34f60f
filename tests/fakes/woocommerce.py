"""A WooCommerce shop: orders, pages, both ways of authorising, its trash, and webhooks signed as it signs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.oauth1 import OAuth1
from tests.fakes.vendor_http import Answer, Call, FakeVendor

Json = Any
KEY, SECRET = "ck_5f0c1d2e", "cs_9a8b7c6d"
WEBHOOK_SECRET = "whs_0123456789"
SALT = b"a site's own"
WEBHOOKS = {"order.created": 5, "order.updated": 6, "order.deleted": 7}
API = "/wp-json/wc/v3"
NO_SUCH_ORDER = "woocommerce_rest_shop_order_invalid_id"
# The site's own time zone, in which dates without `_gmt` are written.
SITE = timedelta(hours=3, minutes=30)
STATUSES = frozenset({"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "shipped"})


def gmt(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at is not None else None


class FakeWooCommerce(FakeVendor):
    """Its time is `now()`; ids begin at 1001 and numbers at 104200, for they are not the same."""

    essential = frozenset({"number", "status", "date_modified_gmt", "id"})
    error_body: Json = {"code": "woocommerce_rest_cannot_view", "message": "Sorry", "data": {"status": 500}}  # noqa: RUF012

    no_route: Json = {  # noqa: RUF012
        "code": "rest_no_route",
        "message": "No route was found matching the URL and request method.",
        "data": {"status": 404},
    }

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(KEY, SECRET)
        self.now = now
        self.orders: dict[int, Json] = {}
        self.refund_rows: dict[int, list[Json]] = {}
        self.zones: dict[int, Json] = {}
        # What a host may do: drop the header with the credentials, or the one with the total.
        self.drops_authorization = False
        # It takes keys where it sees TLS, and signatures of its own address with http otherwise.
        self.sees_plain_http = False
        self._signatures = OAuth1(KEY, SECRET)
        self.drops_total = False
        self.shows_trash = True
        self.before_page: Callable[[], None] = lambda: None
        self._next = 1001

    def add(self, **changes: Any) -> Json:
        """Place an order: one of a customer's with one item, paid and being prepared, unless told otherwise."""
        number, self._next = self._next, self._next + 1
        at = changes.pop("placed_at", None) or self.now()
        order = {
            "id": number,
            "number": f"TS-{103199 + number}",
            "status": "processing",
            "currency": "IRT",
            "date_created": gmt(at + SITE),
            "date_created_gmt": gmt(at),
            "date_paid_gmt": gmt(at),
            "date_completed_gmt": None,
            "total": "1250000",
            "customer_id": 0,
            "billing": {
                "first_name": "\u0633\u0627\u0631\u0627",
                "last_name": "\u0646\u0645\u0648\u0646\u0647",
                "phone": "+98 912 123 4567",
                "email": "Sara@Example.com",
                "city": "\u062a\u0647\u0631\u0627\u0646",
                "address_1": "\u062e\u06cc\u0627\u0628\u0627\u0646 \u0646\u0645\u0648\u0646\u0647",
            },
            "shipping": {},
            "payment_method": "zarinpal",
            "transaction_id": "A-771",
            "line_items": [{"name": "Headphones", "product_id": 7, "sku": "HP-1", "quantity": 1, "total": "1250000"}],
            "shipping_lines": [{"method_title": "\u067e\u0633\u062a \u067e\u06cc\u0634\u062a\u0627\u0632"}],
            "refunds": [],
            "meta_data": [],
        }
        self.orders[number] = order
        return self.change(number, at=at, **changes)

    def change(self, order_id: int, *, at: datetime | None = None, **changes: Any) -> Json:
        order = self.orders[order_id]
        order.update(changes)
        order["date_modified"] = gmt((at or self.now()) + SITE)
        order["date_modified_gmt"] = gmt(at or self.now())
        return order

    def ship(self, order_id: int, code: str, provider: str = "Iran Post") -> Json:
        item = {
            "tracking_provider": provider,
            "tracking_number": code,
            "date_shipped": str(int(self.now().timestamp())),
        }
        meta = [{"id": 1, "key": "_wc_shipment_tracking_items", "value": [item]}]
        return self.change(order_id, status="completed", date_completed_gmt=gmt(self.now()), meta_data=meta)

    def trash(self, order_id: int) -> None:
        self.change(order_id, status="trash")

    def remove(self, order_id: int) -> None:
        del self.orders[order_id]

    def delivery(
        self, order: Json, topic: str = "order.updated", secret: str = WEBHOOK_SECRET
    ) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a webhook about an order."""
        return self.signed({"id": order["id"]} if topic == "order.deleted" else order, topic, secret)

    def signed(self, said: Json, topic: str, secret: str = WEBHOOK_SECRET) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a webhook, with an id as WooCommerce makes it: of the webhook and the second."""
        webhook = WEBHOOKS.get(topic, 5)
        delivery = hmac.new(SALT, f"{webhook}{int(self.now().timestamp())}".encode(), hashlib.md5).hexdigest()
        body = json.dumps(said).encode()
        signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{self.url}/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": "order",
            "X-WC-Webhook-Event": topic.partition(".")[2],
            "X-WC-Webhook-Signature": signature,
            "X-WC-Webhook-ID": str(webhook),
            "X-WC-Webhook-Delivery-ID": delivery,
        }
        return headers, body

    def refusal(self, call: Call) -> Answer | None:
        if self.sees_plain_http:
            if self._signatures.accepts(call, f"http://{urlsplit(self.url).netloc}{call.path}"):
                return None
            return _error(
                401, "woocommerce_rest_authentication_error", "Invalid signature - provided signature does not match."
            )
        basic = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        given = "" if self.drops_authorization else call.headers.get("Authorization", "")
        query = call.query.get("consumer_key") == KEY and call.query.get("consumer_secret") == SECRET
        if given == basic or query:
            return None
        return _error(401, "woocommerce_rest_cannot_view", f"Sorry, you cannot list resources. {SECRET}")

    def handle(self, call: Call) -> Answer:
        path = call.path.removeprefix(API).strip("/").split("/")
        match (call.method, *path):
            case ("GET", "orders"):
                return self._list(call)
            case ("GET", "orders", number):
                order = self.orders.get(int(number))
                return Answer(200, _cut(order, call)) if order else _error(404, NO_SUCH_ORDER, "Invalid ID.")
            case ("GET", "orders", number, "refunds"):
                return Answer(200, self.refund_rows.get(int(number), []))
            case ("GET", "shipping", "zones"):
                rows = [{"id": zone, "name": it["name"], "order": 0} for zone, it in self.zones.items()]
                return Answer(200, rows)
            case ("GET", "shipping", "zones", zone, ("locations" | "methods") as what):
                return Answer(200, self.zones[int(zone)][what])
        return Answer(404, self.no_route)

    def _list(self, call: Call) -> Answer:
        self.before_page()
        query = call.query
        wanted = query.get("status", "any")
        if wanted == "trash" and not self.shows_trash:
            return _error(400, "rest_invalid_param", "Invalid parameter(s): status")
        rows = [
            order
            for order in self.orders.values()
            if (order["status"] != "trash" if wanted == "any" else order["status"] == wanted)
        ]
        if "modified_after" in query:
            # Without the flag limits are read in the site's own time zone.
            name = "date_modified_gmt" if query.get("dates_are_gmt") == "true" else "date_modified"
            rows = [order for order in rows if order[name] > query["modified_after"]]
        rows.sort(key=lambda order: order["id"], reverse=query.get("order", "desc") == "desc")
        size = int(query.get("per_page", 10))
        if not 1 <= size <= 100:
            return _error(400, "rest_invalid_param", "per_page must be between 1 and 100")
        offset = int(query.get("offset", (int(query.get("page", 1)) - 1) * size))
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // size))}
        page = [_cut(order, call) for order in rows[offset : offset + size]]
        return Answer(200, page, headers={} if self.drops_total else headers)


def _cut(order: Json, call: Call) -> Json:
    names = call.query.get("_fields", "")
    return {name: order[name] for name in names.split(",") if name in order} if names else dict(order)


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"code": code, "message": message, "data": {"status": status}})
