"""From Vendure's orders to ours. Pure, but for the counting of unknown words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    mobile_of,
    one_line,
    row_of,
    rows_of,
    text_of,
    utc_of,
)
from peyk.adapters.orders._tables import ShopTables
from peyk.domain.money import Money
from peyk.domain.orders import Order, OrderItem, OrderStatus, Refund, ShipmentRef
from peyk.domain.payments import Payment, PaymentState
from peyk.ports.shops import ShopOrder

UNKNOWN_CARRIER = "unknown"
# Amounts are whole numbers of hundredths in every currency, unless the shop has set its MoneyStrategy otherwise.
HUNDREDTHS = Decimal(100)
# Of several payments the first of these that there is tells how it stands; an authorised one tells nothing yet.
PAYMENTS = {"Settled": PaymentState.VERIFIED, "Authorized": None, "Declined": PaymentState.FAILED}
PAYMENTS |= {"Error": PaymentState.FAILED, "Cancelled": PaymentState.REVERSED}
NO_PARCEL = "Cancelled"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a shop sets: its tables, who carries when nobody says, how long a refund may take."""

    tables: ShopTables
    carrier: str
    refund_days: int


def to_order(raw: Mapping[str, Any], rules: Rules) -> ShopOrder:
    """Return an order. Raises Unreadable."""
    number = text_of(field(raw, "code"), "code")
    if not number:
        raise Unreadable("code is empty")
    placed = utc_of(field(raw, "orderPlacedAt"), "orderPlacedAt")
    changed = utc_of(field(raw, "updatedAt"), "updatedAt")
    customer = row_of(raw.get("customer"), "customer")
    billing, shipping = row_of(raw.get("billingAddress"), "billing"), row_of(raw.get("shippingAddress"), "shipping")
    to = shipping if one_line(shipping.get("streetLine1"), shipping.get("city")) else billing
    currency = text_of(field(raw, "currencyCode"), "currencyCode")
    payments = rows_of(raw.get("payments"), "payments")
    settled = [utc_of(field(row, "createdAt"), "createdAt") for row in payments if row.get("state") == "Settled"]
    shipments = tuple(_parcels(raw, rules))
    order = Order(
        number=number,
        # The buyer's own: who a parcel goes to may be somebody else, and does not own the order.
        mobile=mobile_of(customer.get("phoneNumber")) or mobile_of(billing.get("phoneNumber")),
        status=_status(raw, rules, paid=bool(settled), shipped=bool(shipments)),
        customer_name=one_line(to.get("fullName"))
        or " ".join(filter(None, (one_line(customer.get("firstName")), one_line(customer.get("lastName"))))),
        city=city_of(one_line(to.get("city"))),
        address=one_line(to.get("streetLine1"), to.get("streetLine2")),
        items=tuple(_item(row, currency, rules) for row in rows_of(raw.get("lines"), "lines")),
        total=_money(field(raw, "totalWithTax"), currency, rules),
        placed_at=placed,
        paid_at=max(settled, default=None),
        shipments=shipments,
        refund=_refund(payments, currency, rules),
    )
    source_id = text_of(field(raw, "id"), "id")
    return ShopOrder(source_id, order, changed, email_of(customer.get("emailAddress")), _payment(payments, order))


def _status(raw: Mapping[str, Any], rules: Rules, *, paid: bool, shipped: bool) -> OrderStatus:
    known = rules.tables.status(text_of(field(raw, "state"), "state"), paid=paid)
    if known is not None:
        return known
    if shipped:
        return OrderStatus.SHIPPED
    return OrderStatus.PAID if paid else OrderStatus.AWAITING_PAYMENT


def _item(row: Mapping[str, Any], currency: str, rules: Rules) -> OrderItem:
    variant = row_of(row.get("productVariant"), "productVariant")
    title = text_of(variant.get("name") or "", "name")
    quantity = max(1, int(amount_of(field(row, "quantity"), "quantity")))
    price = _money(field(row, "proratedUnitPriceWithTax"), currency, rules)
    return OrderItem(one_line(variant.get("sku")) or title, title, title, quantity, price)


def _parcels(raw: Mapping[str, Any], rules: Rules) -> Iterator[ShipmentRef]:
    seen: set[str] = set()
    for each in rows_of(raw.get("fulfillments"), "fulfillments"):
        name = one_line(each.get("method"))
        for code in codes_of(each.get("trackingCode")) if each.get("state") != NO_PARCEL else []:
            if code not in seen:
                seen.add(code)
                known = rules.tables.carrier(name) if name else None
                shipped_at = utc_of(field(each, "createdAt"), "createdAt of a fulfilment")
                yield ShipmentRef(known or rules.carrier or UNKNOWN_CARRIER, code, shipped_at)


def _payment(payments: list[Mapping[str, Any]], order: Order) -> Payment | None:
    if not payments:
        return Payment(order.number, PaymentState.UNPAID, order.total, order.placed_at)
    for written, state in PAYMENTS.items():
        for row in payments:
            if row.get("state") == written:
                reference = one_line(row.get("transactionId")) or None
                at = utc_of(field(row, "createdAt"), "createdAt of a payment")
                return Payment(order.number, state, order.total, at, reference) if state else None
    return None


def _refund(payments: list[Mapping[str, Any]], currency: str, rules: Rules) -> Refund | None:
    rows = [row for each in payments for row in rows_of(each.get("refunds"), "refunds") if row.get("state") != "Failed"]
    if not rows:
        return None
    whole = sum((amount_of(field(row, "total"), "refund") for row in rows), Decimal(0))
    started: datetime = max(utc_of(field(row, "createdAt"), "createdAt of a refund") for row in rows)
    return Refund(_money(whole, currency, rules), started, started + timedelta(days=rules.refund_days))


def _money(value: object, currency: str, rules: Rules) -> Money:
    return rules.tables.money(amount_of(value, "amount") / HUNDREDTHS, currency)
