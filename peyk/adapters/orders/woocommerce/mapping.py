"""From WooCommerce's orders to ours. Pure, but for the counting of unknown words.

Dates are read from the `_gmt` fields alone: the others are in the site's time zone and do not say so [D]. `id` is not
`number`: plugins change the latter [D]. A status no table knows is counted, and what the order's dates say is taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from peyk.adapters.orders._reading import (
    Unreadable,
    amount_of,
    city_of,
    codes_of,
    email_of,
    field,
    id_of,
    mobile_of,
    moment_of,
    one_line,
    row_of,
    rows_of,
    text_of,
    utc_of,
)
from peyk.adapters.orders._tables import ShopTables
from peyk.domain.orders import Order, OrderItem, OrderStatus, Refund, ShipmentRef
from peyk.domain.payments import Payment, PaymentState
from peyk.ports.shops import ShopOrder

# Drafts of the check-out and what lies in the trash are no orders.
NO_ORDERS = frozenset({"trash", "checkout-draft", "auto-draft", "draft"})
CASH_ON_DELIVERY = "cod"
# Where neither plugin nor shop names a carrier the id stands for "some carrier": nobody can be asked.
UNKNOWN_CARRIER = "unknown"
_UNPAID = frozenset({OrderStatus.AWAITING_PAYMENT})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a shop sets: its tables, who carries when nobody says, how long a refund may take."""

    tables: ShopTables
    carrier: str
    refund_days: int
    # The meta key of the gateway's own id of a payment; empty: it is kept nowhere.
    authority_key: str = ""


def is_order(raw: Mapping[str, Any]) -> bool:
    """Tell an order from a draft and from what lies in the trash."""
    return text_of(field(raw, "status"), "status") not in NO_ORDERS


def to_order(raw: Mapping[str, Any], rules: Rules, refunded: Sequence[Mapping[str, Any]] = ()) -> ShopOrder:
    """Return an order; `refunded` are its refunds with their dates, where they were asked for. Raises Unreadable."""
    number = text_of(field(raw, "number"), "number").lstrip("#")
    created = utc_of(field(raw, "date_created_gmt"), "date_created_gmt")
    changed = utc_of(field(raw, "date_modified_gmt"), "date_modified_gmt")
    paid = _date(raw, "date_paid_gmt")
    completed = _date(raw, "date_completed_gmt")
    billing, shipping = row_of(raw.get("billing"), "billing"), row_of(raw.get("shipping"), "shipping")
    to = shipping if one_line(shipping.get("address_1"), shipping.get("city")) else billing
    currency = text_of(field(raw, "currency"), "currency")
    shipments = tuple(_shipments(raw, rules, completed or changed))
    total = rules.tables.money(amount_of(field(raw, "total"), "total"), currency)
    order = Order(
        number=number,
        # The buyer's own: who a parcel goes to may be somebody else, and does not own the order.
        mobile=mobile_of(billing.get("phone")),
        status=_status(raw, rules.tables, paid, completed, shipped=bool(shipments)),
        customer_name=_name(to) or _name(billing),
        city=city_of(one_line(to.get("city"))),
        address=one_line(to.get("address_1"), to.get("address_2")),
        items=tuple(_item(row, currency, rules) for row in rows_of(raw.get("line_items"), "line_items")),
        total=total,
        placed_at=created,
        paid_at=paid,
        shipments=shipments,
        refund=_refund(raw, refunded, currency, changed, rules),
    )
    if not number:
        raise Unreadable("number is empty")
    payment = _payment(raw, order, changed, rules)
    return ShopOrder(id_of(field(raw, "id")), order, changed, email_of(billing.get("email")), payment)


def _status(
    raw: Mapping[str, Any], tables: ShopTables, paid: datetime | None, completed: datetime | None, *, shipped: bool
) -> OrderStatus:
    known = tables.status(text_of(field(raw, "status"), "status"), paid=paid is not None)
    if known is not None:
        return known
    if shipped or completed is not None:
        return OrderStatus.SHIPPED
    return OrderStatus.PAID if paid is not None else OrderStatus.AWAITING_PAYMENT


def _item(row: Mapping[str, Any], currency: str, rules: Rules) -> OrderItem:
    quantity = amount_of(field(row, "quantity"), "quantity")
    title = text_of(row.get("name") or "", "name")
    whole = amount_of(row.get("total") or 0, "item total")
    each = whole / quantity if quantity > 0 else whole
    sku = row.get("sku") or row.get("product_id") or title
    return OrderItem(text_of(sku, "sku"), title, title, max(1, int(quantity)), rules.tables.money(each, currency))


def _payment(raw: Mapping[str, Any], order: Order, changed: datetime, rules: Rules) -> Payment | None:
    authority = one_line(_meta(raw).get(rules.authority_key) or "") or None
    if order.paid_at is not None:
        reference = one_line(raw.get("transaction_id")) or None
        return Payment(order.number, PaymentState.VERIFIED, order.total, order.paid_at, reference)
    if raw.get("status") == "failed":
        return Payment(order.number, PaymentState.FAILED, order.total, changed, authority=authority)
    if order.status in _UNPAID and raw.get("payment_method") != CASH_ON_DELIVERY:
        return Payment(order.number, PaymentState.UNPAID, order.total, order.placed_at, authority=authority)
    return None


def _refund(
    raw: Mapping[str, Any],
    refunded: Sequence[Mapping[str, Any]],
    currency: str,
    changed: datetime,
    rules: Rules,
) -> Refund | None:
    """Return what goes back: WooCommerce dates a refund in a list of its own, and does not say when it arrives [D]."""
    amounts = [abs(amount_of(row.get("total") or 0, "refund")) for row in rows_of(raw.get("refunds"), "refunds")]
    whole = sum(amounts, Decimal(0))
    if not whole:
        return None
    dates = [_date(row, "date_created_gmt") for row in refunded]
    started = max((date for date in dates if date is not None), default=changed)
    return Refund(rules.tables.money(whole, currency), started, started + timedelta(days=rules.refund_days))


def _meta(raw: Mapping[str, Any]) -> dict[str, Any]:
    rows = rows_of(raw.get("meta_data"), "meta_data")
    return {row["key"]: row.get("value") for row in rows if isinstance(row.get("key"), str)}


def _shipments(raw: Mapping[str, Any], rules: Rules, otherwise: datetime) -> Iterator[ShipmentRef]:
    """Yield the parcels plugins have noted, each code once."""
    meta, seen = _meta(raw), set[str]()
    for key, where in rules.tables.section("tracking").items():
        for code, name, shipped in _noted(meta, key, where if isinstance(where, Mapping) else {}):
            if code not in seen:
                seen.add(code)
                yield ShipmentRef(_carrier(name or _method(raw), rules), code, shipped or otherwise)


def _noted(meta: Mapping[str, Any], key: str, where: Mapping[str, Any]) -> Iterator[tuple[str, str, datetime | None]]:
    value, inner = meta.get(key), where.get("list")
    if not isinstance(inner, Mapping):
        for code in codes_of(value):
            yield code, _first(meta, where.get("carrier")), moment_of(_first(meta, where.get("shipped")))
        return
    for row in _listed(value):
        for code in codes_of(_first(row, inner.get("number"))):
            yield code, _first(row, inner.get("carrier")), moment_of(_first(row, inner.get("shipped")))


def _listed(value: object) -> list[Mapping[str, Any]]:
    """Return a list of objects that may be written as JSON, or as an object of numbered ones."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if isinstance(value, Mapping):
        value = list(value.values())
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _first(row: Mapping[str, Any], names: object) -> str:
    """Return the first of several fields that has something in it."""
    wanted = [names] if isinstance(names, str) else names if isinstance(names, list) else []
    return next((found for name in wanted if (found := one_line(row.get(str(name))))), "")


def _method(raw: Mapping[str, Any]) -> str:
    lines = rows_of(raw.get("shipping_lines"), "shipping_lines")
    return one_line(lines[0].get("method_title")) if lines else ""


def _carrier(name: str, rules: Rules) -> str:
    known = rules.tables.carrier(name) if name else None
    return known or rules.carrier or UNKNOWN_CARRIER


def _name(address: Mapping[str, Any]) -> str:
    first, last = one_line(address.get("first_name")), one_line(address.get("last_name"))
    return f"{first} {last}".strip()


def _date(row: Mapping[str, Any], name: str) -> datetime | None:
    value = row.get(name)
    return utc_of(value, name) if value else None
