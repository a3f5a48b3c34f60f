"""A Vendure shop as far as Peyk asks it; the real one runs in tests/contract/test_vendure.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.fakes.vendor_http import Answer, Call, FakeVendor

Json = Any
USER, PASSWORD, SESSION = "peyk-reader", "pw-5f0c1d2e", "sess-9a8b7c6d"


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class FakeVendure(FakeVendor):
    """Its time is `now()`; it refuses inside a 200, as GraphQL does."""

    essential = frozenset({"id", "code", "updatedAt", "orderPlacedAt"})
    error_body: Json = {  # noqa: RUF012
        "errors": [{"message": f"no such field {PASSWORD}", "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]
    }

    no_route: Json = {"message": "Cannot POST /admin-api", "error": "Not Found", "statusCode": 404}  # noqa: RUF012

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(PASSWORD)
        self.now = now
        self.orders: dict[int, Json] = {}

    def add(self, **changes: Any) -> Json:
        number = len(self.orders) + 1
        at = changes.pop("placed_at", None) or self.now()
        address = {"fullName": "Sara Sample", "phoneNumber": None, "city": "Tehran", "streetLine1": "1 Sample St"}
        variant = {"sku": "HP-1", "name": "Headphones"}
        self.orders[number] = {
            "id": str(number),
            "code": f"V-{104199 + number}",
            "state": "PaymentSettled",
            "createdAt": iso(at),
            "orderPlacedAt": iso(at),
            "currencyCode": "EUR",
            "totalWithTax": 12000,
            "customer": {"firstName": "Sara", "lastName": "Sample", "emailAddress": "s@x.example", "phoneNumber": None},
            "shippingAddress": address,
            "billingAddress": {},
            "lines": [{"quantity": 1, "proratedUnitPriceWithTax": 12000, "productVariant": variant}],
            "fulfillments": [],
            "payments": [{"state": "Settled", "transactionId": "T-1", "createdAt": iso(at), "refunds": []}],
        }
        return self.change(number, at=at, **changes)

    def change(self, order_id: int, *, at: datetime | None = None, **changes: Any) -> Json:
        self.orders[order_id].update(changes, updatedAt=iso(at or self.now()))
        return self.orders[order_id]

    def ship(self, order_id: int, code: str) -> Json:
        parcel = {"state": "Shipped", "method": "DHL", "trackingCode": code, "createdAt": iso(self.now())}
        return self.change(order_id, state="Shipped", fulfillments=[parcel])

    def refusal(self, call: Call) -> Answer | None:
        if "PeykLogIn" in call.body["query"] or call.headers.get("Authorization") == f"Bearer {SESSION}":
            return None
        said = "You are not currently authorized to perform this action"
        return Answer(200, {"data": None, "errors": [{"message": said, "extensions": {"code": "FORBIDDEN"}}]})

    def handle(self, call: Call) -> Answer:
        asked, given = call.body["query"], call.body["variables"]
        if "PeykLogIn" in asked:
            good = (given["name"], given["password"]) == (USER, PASSWORD)
            kind = "CurrentUser" if good else "InvalidCredentialsError"
            headers = {"vendure-auth-token": SESSION} if good else {}
            return Answer(200, {"data": {"login": {"__typename": kind}}}, headers=headers)
        if "query PeykOrder(" in asked:
            found = self.orders.get(int(given["id"]) if given["id"].isdecimal() else -1)
            return Answer(200, {"data": {"order": found}})
        options = given["options"]
        after = options["filter"].get("updatedAt", {}).get("after", "")
        rows = [row for row in self.orders.values() if row["updatedAt"] > after]
        rows.sort(key=lambda row: (row["orderPlacedAt"], int(row["id"])), reverse=True)
        page = rows[options["skip"] : options["skip"] + options["take"]]
        return Answer(200, {"data": {"orders": {"totalItems": len(rows), "items": page}}})
