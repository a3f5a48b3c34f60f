"""The WooCommerce REST API, v3 (woocommerce.github.io/woocommerce-rest-api-docs [D]); it writes nothing.

Needs pretty permalinks. `_fields` (WordPress's own, [K]) keeps answers small; a site that does not know it answers
with everything, which is read all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from peyk.adapters._http import NOTHING, Http, Parameters, Reply
from peyk.adapters.orders._missing import asked
from peyk.errors import BadAnswer

ORDERS = "/orders"
NO_SUCH_ORDER = "woocommerce_rest_shop_order_invalid_id"
SECOND = timedelta(seconds=1)
ORDER_FIELDS = (
    "id,number,status,currency,date_created_gmt,date_modified_gmt,date_paid_gmt,date_completed_gmt,total,billing,"
    "shipping,payment_method,transaction_id,line_items,shipping_lines,refunds,meta_data"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list of at most `size`; `total` is how many there are, None where a host has dropped the header."""

    rows: list[Any]
    size: int
    total: int | None


class WooCommerceApi:
    """Asks for orders, refunds and zones. Every method may raise any ExternalError."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def orders(self, *, status: str, since: datetime | None, offset: int, size: int, fields: str) -> Listed:
        """Return orders, the newest number first, from `offset` on; changed at or after `since`."""
        params: dict[str, str | int] = {
            "status": status,
            "per_page": size,
            "offset": offset,
            "orderby": "id",
            "order": "desc",
            "_fields": fields,
        }
        if since is not None:
            # Without this they are read in the site's own time zone.
            params["dates_are_gmt"] = "true"
            # "After" leaves the moment itself out [K].
            params["modified_after"] = (since.astimezone(UTC) - SECOND).strftime("%Y-%m-%dT%H:%M:%S")
        reply = self.http.send("GET", ORDERS, NOTHING, params=params)
        return Listed(self._rows(self.http.read(reply)), size, _total(reply))

    def order(self, order_id: str) -> Mapping[str, Any]:
        """Return an order. Raises NotFound."""
        path = f"{ORDERS}/{order_id}"
        answer = asked(lambda: self.http.get(path, {"_fields": ORDER_FIELDS}), _says_no_such)
        if not isinstance(answer, dict):
            raise BadAnswer(self.http.system, "an order that is no object")
        return answer

    def refunds(self, order_id: str) -> list[Any]:
        """Return the refunds of an order, newest first."""
        return self._list(f"{ORDERS}/{order_id}/refunds", {"_fields": "id,date_created_gmt,amount"})

    def zones(self) -> list[Any]:
        """Return the shipping zones."""
        return self._list("/shipping/zones")

    def zone_locations(self, zone_id: str) -> list[Any]:
        """Return where a zone is."""
        return self._list(f"/shipping/zones/{zone_id}/locations")

    def zone_methods(self, zone_id: str) -> list[Any]:
        """Return the ways to ship into a zone."""
        return self._list(f"/shipping/zones/{zone_id}/methods")

    def _list(self, path: str, params: Parameters | None = None) -> list[Any]:
        return self._rows(self.http.get(path, params))

    def _rows(self, answer: object) -> list[Any]:
        if not isinstance(answer, list):
            # {"code", "message"} inside a 200 is a plugin's or a filter's.
            raise BadAnswer(self.http.system, "not a list")
        return answer


def _says_no_such(answer: object) -> bool:
    # `rest_no_route`, also a 404, says that there is no WooCommerce: a plugin is switched off, or permalinks are.
    return isinstance(answer, dict) and answer.get("code") == NO_SUCH_ORDER


def _total(reply: Reply) -> int | None:
    written = reply.headers.get("X-WP-Total", "")
    return int(written) if written.isascii() and written.isdecimal() else None
