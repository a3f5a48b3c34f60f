"""Magento's REST API: searches by criteria (developer.adobe.com [D]); nothing is written.

Filters of one group are alternatives, groups must all be true [K]. Past its last page a search repeats that page [K]:
so nobody asks by pages here. Each search is for ids below the last one read, and `total_count` tells when that is all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from peyk.adapters._http import Http
from peyk.errors import BadAnswer, NotFound

ADDRESS = "firstname,lastname,telephone,city,street"
# `fields` keeps answers small [D]; a server that does not know it answers with everything.
ORDER_FIELDS = (
    "entity_id,increment_id,state,status,created_at,updated_at,order_currency_code,grand_total,total_paid,"
    f"total_refunded,customer_email,billing_address[{ADDRESS}],payment[method,last_trans_id],"
    "items[sku,name,qty_ordered,price_incl_tax,price,parent_item_id],"
    f"extension_attributes[shipping_assignments[shipping[address[{ADDRESS}]]]]"
)
SHIPMENT_FIELDS = "entity_id,order_id,created_at,tracks[track_number,carrier_code,title]"
SHIPMENTS_AT_ONCE = 100
# More parcels of one page of orders than this are somebody's mistake.
MOST_SEARCHES = 50
Filter = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a search, the highest id first, and how many there are in all."""

    rows: list[Mapping[str, Any]]
    total: int


class MagentoApi:
    """Asks for orders and shipments. Every method may raise any ExternalError."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def orders(self, since: datetime | None, below: int | None, size: int) -> Found:
        """Return orders that changed at or after a moment, with ids below one."""
        filters: list[Filter] = []
        if since is not None:
            # The database's dates are UTC [K].
            filters.append(("updated_at", "gteq", since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")))
        return self._search("/orders", filters, below, size, ORDER_FIELDS)

    def order(self, entity_id: str) -> Mapping[str, Any]:
        """Return an order. Raises NotFound.

        By a search: that it finds nothing is a list, and not a sentence in the language of the shop. A view that does
        not have the order (`/rest/V1` of another store) answers the same; passes would not read it there, either.
        """
        found = self._search("/orders", [("entity_id", "eq", entity_id)], None, 1, ORDER_FIELDS)
        if not found.rows:
            raise NotFound(self.http.system, "no such order")
        return found.rows[0]

    def shipments(self, order_ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """Return every shipment of some orders."""
        filters, rows, below = [("order_id", "in", ",".join(order_ids))], [], None
        for _ in range(MOST_SEARCHES if order_ids else 0):
            found = self._search("/shipments", filters, below, SHIPMENTS_AT_ONCE, SHIPMENT_FIELDS)
            rows += found.rows
            if found.total <= len(found.rows):
                break
            below = self.id_of(found.rows[-1])
        return rows

    def id_of(self, row: Mapping[str, Any]) -> int:
        """Return a row's own id, which is not the number customers know [D]. Raises BadAnswer."""
        entity_id = row.get("entity_id")
        if isinstance(entity_id, bool) or not isinstance(entity_id, int) or entity_id <= 0:
            raise BadAnswer(self.http.system, "a row without an id")
        return entity_id

    def _search(self, path: str, filters: Sequence[Filter], below: int | None, size: int, fields: str) -> Found:
        wanted = [*filters, *([("entity_id", "lt", str(below))] if below is not None else [])]
        params: dict[str, str | int] = {
            "searchCriteria[pageSize]": size,
            "searchCriteria[currentPage]": 1,
            "searchCriteria[sortOrders][0][field]": "entity_id",
            "searchCriteria[sortOrders][0][direction]": "DESC",
            "fields": f"items[{fields}],total_count",
        }
        for group, each in enumerate(wanted):
            place = f"searchCriteria[filterGroups][{group}][filters][0]"
            names = (f"{place}[field]", f"{place}[conditionType]", f"{place}[value]")
            params |= dict(zip(names, each, strict=True))
        answer = self.http.get(path, params)
        if not isinstance(answer, dict) or "items" not in answer:
            raise BadAnswer(self.http.system, "not the answer to a search")
        rows, total = answer["items"] or [], answer.get("total_count")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadAnswer(self.http.system, "not a list of objects")
        if isinstance(total, bool) or not isinstance(total, int) or (total and not rows):
            raise BadAnswer(self.http.system, "a search without its total")
        if below is not None and any(self.id_of(row) >= below for row in rows):
            raise BadAnswer(self.http.system, "it does not keep to the range of ids")
        return Found(rows, total)
