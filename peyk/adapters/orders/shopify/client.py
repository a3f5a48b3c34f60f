"""Shopify's Admin API: GraphQL alone, REST is legacy since October 2024 [D]; nothing is written.

Calls cost points of a bucket that fills by so many a second; how it stands says `extensions.cost.throttleStatus` [D].
Refusals, THROTTLED among them, come inside a 200.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from peyk.adapters._http import Body, Http
from peyk.errors import AccessRefused, BadAnswer, ExternalError, RateLimited, Unavailable

MONEY = "{ presentmentMoney { amount currencyCode } }"
ADDRESS = "{ name phone city address1 address2 }"
# The fields of a fulfilment are [K] but for trackingInfo.
ORDER = f"""
fragment PeykOrder on Order {{
  legacyResourceId name createdAt updatedAt processedAt cancelledAt email phone paymentGatewayNames
  displayFinancialStatus displayFulfillmentStatus
  currentTotalPriceSet {MONEY} totalRefundedSet {MONEY}
  shippingAddress {ADDRESS} billingAddress {ADDRESS}
  lineItems(first: 30) {{ nodes {{ sku title quantity originalUnitPriceSet {MONEY} }} }}
  fulfillments(first: 20) {{ createdAt displayStatus estimatedDeliveryAt trackingInfo(first: 5) {{ number company }} }}
  refunds(first: 10) {{ createdAt }}
}}
"""
# Ranges of ids are a filter of `orders` [K]; pages by them know no cap of 25,000 objects, as cursors do [D].
ORDERS = f"""
query PeykOrders($first: Int!, $query: String) {{
  orders(first: $first, query: $query, sortKey: ID, reverse: true) {{
    nodes {{ ...PeykOrder }} pageInfo {{ hasNextPage }}
  }}
}}{ORDER}"""
ONE = f"query PeykOrder($id: ID!) {{ order(id: $id) {{ ...PeykOrder }} }}{ORDER}"
COUNT = "query PeykCount($query: String) { ordersCount(query: $query, limit: null) { count precision } }"
SCOPES = "query PeykScopes { currentAppInstallation { accessScopes { handle } } }"

TOO_DEAR = "MAX_COST_EXCEEDED"
_DENIED = frozenset({"ACCESS_DENIED", "UNAUTHORIZED", "FORBIDDEN"})
_DOWN = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
# So long it waits for points by itself; for more the caller is told when to come back.
LONGEST_WAIT_S = 1.5


class ShopifyApi:
    """Asks queries. Every call may raise any ExternalError."""

    def __init__(self, http: Http, version: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self.http = http
        self._path = f"/admin/api/{version}/graphql.json"
        self._sleep = sleep
        # What is left of the bucket and how large it is, as the last answer said.
        self.points = ""

    def ask(self, asked: str, **variables: Any) -> Mapping[str, Any]:
        """Return the data of an answer; waits a moment for points."""
        began = monotonic()
        while True:
            try:
                return self._asked(asked, variables)
            except RateLimited as exc:
                wait = exc.retry_after_s
                if wait is None or monotonic() - began + wait > LONGEST_WAIT_S:
                    raise
            self._sleep(wait)

    def _asked(self, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        body = Body(json={"query": query, "variables": dict(variables)})
        # A query changes nothing, though it is a POST.
        answer = self.http.read(self.http.send("POST", self._path, body, safe=True))
        if not isinstance(answer, dict):
            raise BadAnswer(self.http.system, "not an object")
        cost = _part(_part(answer, "extensions"), "cost")
        status = _part(cost, "throttleStatus")
        if status:
            self.points = f"{status.get('currentlyAvailable')} of {status.get('maximumAvailable')} points"
        if answer.get("errors"):
            raise self._refused(answer["errors"], cost, status)
        data = answer.get("data")
        if not isinstance(data, dict):
            raise BadAnswer(self.http.system, "an answer without data")
        return data

    def _refused(self, errors: object, cost: Mapping[str, Any], status: Mapping[str, Any]) -> ExternalError:
        system, first = self.http.system, errors[0] if isinstance(errors, list) and errors else {}
        extensions = _part(first, "extensions") if isinstance(first, dict) else {}
        code = str(extensions.get("code", ""))[:60]
        if code == "THROTTLED":
            error = RateLimited(system, "asked us to slow down")
            error.retry_after_s = _until_enough(cost, status)
            return error
        if code in _DENIED:
            return AccessRefused(system, f"{code}: a right is missing, or the approval for protected customer data")
        if code in _DOWN:
            return Unavailable(system, code)
        # Never the words: they may quote what was asked.
        return BadAnswer(system, f"the query is refused ({code or 'without a code'})")


def _until_enough(cost: Mapping[str, Any], status: Mapping[str, Any]) -> int | None:
    """Return how many seconds it takes until there are points enough."""
    try:
        missing = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        seconds = missing / float(status["restoreRate"])
        return max(1, math.ceil(seconds)) if math.isfinite(seconds) else None
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _part(row: object, name: str) -> Mapping[str, Any]:
    found = row.get(name) if isinstance(row, Mapping) else None
    return found if isinstance(found, Mapping) else {}
