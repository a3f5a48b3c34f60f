"""Vendure's Admin API: GraphQL, with a session that a log-in gives (as version 3 answers it, tests/vendure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from peyk.adapters._auth import Auth, TokenAuth
from peyk.adapters._http import Body, Http
from peyk.errors import AccessRefused, BadAnswer, ExternalError, Unavailable

ADDRESS = "{ fullName phoneNumber city streetLine1 streetLine2 }"
ORDER = f"""
fragment PeykOrder on Order {{
  id code state createdAt updatedAt orderPlacedAt currencyCode totalWithTax
  customer {{ firstName lastName emailAddress phoneNumber }}
  shippingAddress {ADDRESS} billingAddress {ADDRESS}
  lines {{ quantity proratedUnitPriceWithTax productVariant {{ sku name }} }}
  fulfillments {{ state method trackingCode createdAt }}
  payments {{ state transactionId createdAt refunds {{ state total createdAt }} }}
}}
"""
ORDERS = f"""
query PeykOrders($options: OrderListOptions) {{
  orders(options: $options) {{ totalItems items {{ ...PeykOrder }} }}
}}{ORDER}"""
ONE = f"query PeykOrder($id: ID!) {{ order(id: $id) {{ ...PeykOrder }} }}{ORDER}"
LOG_IN = """
mutation PeykLogIn($name: String!, $password: String!) {
  login(username: $name, password: $password, rememberMe: false) { __typename }
}"""
TOKEN_HEADER = "vendure-auth-token"
SESSION = timedelta(hours=12)
_DENIED = frozenset({"FORBIDDEN", "UNAUTHORIZED"})


class VendureApi:
    """Asks queries. Every call may raise any ExternalError."""

    def __init__(self, http: Http, auth: Auth) -> None:
        self.http = http
        self._auth = auth

    def orders(self, since: datetime | None, skip: int, take: int) -> Mapping[str, Any]:
        """Return placed orders, the newest first, from `skip` on; carts are none."""
        wanted: dict[str, Any] = {"orderPlacedAt": {"isNull": False}}
        if since is not None:
            # `after` leaves the moment itself out.
            moment = since.astimezone(UTC) - timedelta(milliseconds=1)
            wanted["updatedAt"] = {"after": moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"}
        options = {"skip": skip, "take": take, "sort": {"orderPlacedAt": "DESC", "id": "DESC"}, "filter": wanted}
        found = self._asked(ORDERS, options=options).get("orders")
        if not isinstance(found, Mapping):
            raise BadAnswer(self.http.system, "an answer without orders")
        return found

    def order(self, order_id: str) -> object:
        """Return an order, None where there is none."""
        data = self._asked(ONE, id=order_id)
        if "order" not in data:
            raise BadAnswer(self.http.system, "an answer without the order")
        return data["order"]

    def _asked(self, asked: str, **variables: Any) -> Mapping[str, Any]:
        try:
            return answered(self.http, asked, variables)
        except AccessRefused:
            # A session that is over is refused inside a 200.
            if not self._auth.renew():
                raise
        return answered(self.http, asked, variables)


def log_in(http: Http, name: SecretStr, password: SecretStr) -> TokenAuth:
    """Return a credential that logs in when it is needed; `http` carries none."""

    def fetch() -> tuple[str, timedelta]:
        given = {"name": name.get_secret_value(), "password": password.get_secret_value()}
        body = Body(json={"query": LOG_IN, "variables": given})
        reply = http.send("POST", "", body, safe=True)
        data = data_in(http, http.read(reply))
        token = reply.headers.get(TOKEN_HEADER, "")
        if data.get("login") == {"__typename": "CurrentUser"} and token:
            return token, SESSION
        kind = data["login"].get("__typename") if isinstance(data.get("login"), Mapping) else None
        if kind == "CurrentUser":
            raise BadAnswer(http.system, "it gives sessions by cookies alone: set tokenMethod to `bearer`, too")
        if isinstance(kind, str) and kind.endswith("Error"):
            raise AccessRefused(http.system, f"the log-in is refused ({kind[:40]})")
        raise BadAnswer(http.system, "not the answer to a log-in")

    return TokenAuth(fetch)


def answered(http: Http, asked: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the data of a query, which changes nothing though it is a POST."""
    body = Body(json={"query": asked, "variables": dict(variables)})
    return data_in(http, http.read(http.send("POST", "", body, safe=True)))


def data_in(http: Http, answer: object) -> Mapping[str, Any]:
    """Return the data of an answer. Raises what its errors say."""
    if not isinstance(answer, dict):
        raise BadAnswer(http.system, "not an object")
    if answer.get("errors"):
        raise _refused(http.system, answer["errors"])
    data = answer.get("data")
    if not isinstance(data, dict):
        raise BadAnswer(http.system, "an answer without data")
    return data


def _refused(system: str, errors: object) -> ExternalError:
    first = errors[0] if isinstance(errors, list) and errors else {}
    extensions = first.get("extensions") if isinstance(first, dict) else {}
    code = str(extensions.get("code", ""))[:60] if isinstance(extensions, dict) else ""
    if code in _DENIED:
        return AccessRefused(system, f"{code}: the session is over, or the right ReadOrder is missing")
    if code == "INTERNAL_SERVER_ERROR":
        return Unavailable(system, code)
    # Never the words: they may quote what was asked.
    return BadAnswer(system, f"the query is refused ({code or 'without a code'})")
