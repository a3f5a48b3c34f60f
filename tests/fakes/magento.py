"""A Magento shop: searches by criteria, with a last page that is repeated for ever, orders and shipments."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.fakes.oauth1 import OAuth1
from tests.fakes.vendor_http import Answer, Call, FakeVendor

Json = Any
TOKEN = "mtok-5f0c1d2e"
CONSUMER_KEY, CONSUMER_SECRET, TOKEN_SECRET = "ck-of-peyk", "Cs&9=of/peyk", "Ts+8%of-peyk"
API = "/rest/V1"
_FILTER = re.compile(r"searchCriteria\[filterGroups\]\[(\d+)\]\[filters\]\[(\d+)\]\[(field|value|conditionType)\]")


def written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


class FakeMagento(FakeVendor):
    """Its time is `now()`; ids begin at 7 and numbers at 000000123, for they are not the same."""

    essential = frozenset({"entity_id", "increment_id", "updated_at", "created_at"})
    error_body: Json = {"message": "Internal Error. %1", "parameters": ["x"]}  # noqa: RUF012

    no_route: Json = {"message": "Request does not match any route."}  # noqa: RUF012

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(TOKEN)
        self.now = now
        self.orders: dict[int, Json] = {}
        self.shipments: dict[int, Json] = {}
        # As from 2.4.4 on unless the shop has switched it on.
        self.bearer = True
        self._signatures = OAuth1(CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET)

    def add(self, **changes: Any) -> Json:
        """Place an order: paid and being prepared, unless told otherwise."""
        number = 7 + len(self.orders)
        at = changes.pop("placed_at", None) or self.now()
        address = {
            "firstname": "Sara",
            "lastname": "Sample",
            "telephone": "+98 912 123 4567",
            "city": "Tehran",
            "street": ["1 Sample St", "Flat 2"],
        }
        self.orders[number] = {
            "entity_id": number,
            "increment_id": f"{116 + number:09}",
            "state": "processing",
            "status": "baking",
            "created_at": written(at),
            "order_currency_code": "EUR",
            "grand_total": 120,
            "total_paid": 120,
            "customer_email": "Sara@Example.com",
            "billing_address": address,
            "payment": {"method": "checkmo", "last_trans_id": "T-1"},
            "items": [
                {"sku": "HP-1-red", "name": "Headphones", "qty_ordered": 2, "price_incl_tax": 60, "price": 50},
                {"sku": "HP-1-red", "name": "Red", "qty_ordered": 2, "price": 0, "parent_item_id": 1},
            ],
            "extension_attributes": {"shipping_assignments": [{"shipping": {"address": address}}]},
        }
        return self.change(number, at=at, **changes)

    def change(self, entity_id: int, *, at: datetime | None = None, **changes: Any) -> Json:
        self.orders[entity_id].update(changes, updated_at=written(at or self.now()))
        return self.orders[entity_id]

    def ship(self, entity_id: int, *codes: str, carrier: str = "dhl", title: str = "DHL") -> Json:
        """Hand over a shipment a code."""
        for code in codes:
            number = 900 + len(self.shipments)
            track = {"track_number": code, "carrier_code": carrier, "title": title, "parent_id": number}
            self.shipments[number] = {
                "entity_id": number,
                "order_id": entity_id,
                "created_at": written(self.now()),
                "tracks": [track],
            }
        return self.change(entity_id, state="complete")

    def refusal(self, call: Call) -> Answer | None:
        if self.bearer and call.headers.get("Authorization") == f"Bearer {TOKEN}":
            return None
        if call.headers.get("Authorization", "").startswith("OAuth ") and self._signatures.accepts(
            call, f"{self.url}{call.path}"
        ):
            return None
        return Answer(401, {"message": "The consumer isn't authorized to access %resources. " + TOKEN})

    def handle(self, call: Call) -> Answer:
        match (call.method, *call.path.removeprefix(API).strip("/").split("/")):
            case ("GET", "orders"):
                return self._search(call, list(self.orders.values()))
            case ("GET", "shipments"):
                return self._search(call, list(self.shipments.values()))
        return Answer(404, self.no_route)

    def _search(self, call: Call, rows: list[Json]) -> Answer:
        groups: dict[str, dict[str, dict[str, str]]] = {}
        for name, value in call.query.items():
            if found := _FILTER.fullmatch(name):
                groups.setdefault(found[1], {}).setdefault(found[2], {})[found[3]] = value
        for group in groups.values():
            rows = [row for row in rows if any(_is_so(row, each) for each in group.values())]
        field = call.query.get("searchCriteria[sortOrders][0][field]", "entity_id")
        down = call.query.get("searchCriteria[sortOrders][0][direction]") == "DESC"
        rows.sort(key=lambda row: row[field], reverse=down)
        size = int(call.query.get("searchCriteria[pageSize]", 20))
        last = max(1, -(-len(rows) // size))
        page = min(int(call.query.get("searchCriteria[currentPage]", 1)), last)
        return Answer(200, {"items": rows[(page - 1) * size : page * size], "total_count": len(rows)})


def _is_so(row: Json, wanted: dict[str, str]) -> bool:
    value, given = row[wanted["field"]], wanted["value"]
    condition = wanted.get("conditionType", "eq")
    if condition == "in":
        return str(value) in given.split(",")
    other = type(value)(given)
    return bool({"eq": value == other, "gteq": value >= other, "lt": value < other}[condition])
