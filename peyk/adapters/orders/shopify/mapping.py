"""From Shopify's orders to ours, as GraphQL writes them. Pure, but for the counting of unknown words.

One tracking number a fulfilment; several parcels are several fulfilments [D]. Amounts are those the customer saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from peyk.errors import SettingsError
from peyk.ports.shops import ShopOrder
from peyk.ports.systems import UnknownCodes

UNKNOWN_CARRIER = "unknown"
DELIVERED = "DELIVERED"
# What is counted, and may stand in a shop's own table, where an order has no financial status.
UNTOLD = "NONE"
# Fulfilments that never left, or came to nothing [K].
NO_PARCEL = frozenset({"CANCELED", "FAILURE"})


@dataclass(frozen=True, slots=True)
class Financial:
    """What a financial status means."""

    paid: bool
    payment: PaymentState | None = None
    status: OrderStatus | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a shop sets: its tables, who carries when nobody says, how long a refund may take."""

    system: str
    tables: ShopTables
    financial: Mapping[str, Financial]
    unknown: UnknownCodes
    carrier: str
    refund_days: int

    @classmethod
    def of(cls, system: str, tables: ShopTables, unknown: UnknownCodes, carrier: str, refund_days: int) -> Rules:
        """Read the table of financial statuses. Raises SettingsError for a word that is none."""
        financial = {code.upper(): _financial(code, row) for code, row in tables.section("financial").items()}
        return cls(system, tables, financial, unknown, carrier, refund_days)


def to_order(raw: Mapping[str, Any], rules: Rules) -> ShopOrder:
    """Return an order. Raises Unreadable."""
    number = text_of(field(raw, "name"), "name").lstrip("#")
    if not number:
        raise Unreadable("name is empty")
    created, changed = utc_of(field(raw, "createdAt"), "createdAt"), utc_of(field(raw, "updatedAt"), "updatedAt")
    money = _financial_of(raw, rules)
    paid_at = (_date(raw, "processedAt") or created) if money.paid and money.payment is not None else None
    billing, shipping = row_of(raw.get("billingAddress"), "billing"), row_of(raw.get("shippingAddress"), "shipping")
    to = shipping or billing
    fulfilments = [
        row
        for row in rows_of(raw.get("fulfillments"), "fulfillments")
        if str(row.get("displayStatus")) not in NO_PARCEL
    ]
    items = rows_of(row_of(raw.get("lineItems"), "lineItems").get("nodes"), "items")
    order = Order(
        number=number,
        # The buyer's own: who a parcel goes to may be somebody else, and does not own the order.
        mobile=mobile_of(raw.get("phone")) or mobile_of(billing.get("phone")),
        status=_status(raw, money, fulfilments, rules),
        customer_name=one_line(to.get("name")),
        city=city_of(one_line(to.get("city"))),
        address=one_line(to.get("address1"), to.get("address2")),
        items=tuple(_item(row, rules) for row in items),
        total=_money(field(raw, "currentTotalPriceSet"), "currentTotalPriceSet", rules),
        placed_at=created,
        paid_at=paid_at,
        promised_at=max(filter(None, (_date(each, "estimatedDeliveryAt") for each in fulfilments)), default=None),
        shipments=tuple(_parcels(fulfilments, rules)),
        refund=_refund(raw, changed, rules),
    )
    payment = Payment(number, money.payment, order.total, paid_at or created) if money.payment else None
    return ShopOrder(id_in(raw), order, changed, email_of(raw.get("email")), payment)


def id_in(raw: Mapping[str, Any]) -> str:
    """Return an order's own number in Shopify. Raises Unreadable."""
    written = field(raw, "legacyResourceId")
    if isinstance(written, bool) or not isinstance(written, (str, int)) or not str(written).isdecimal():
        raise Unreadable("legacyResourceId is no id")
    return str(int(written))


def _financial_of(raw: Mapping[str, Any], rules: Rules) -> Financial:
    written = raw.get("displayFinancialStatus")
    if written is not None:
        code = text_of(written, "displayFinancialStatus").upper()
    else:
        # An order of nothing has none; of any other nobody may be told that it is paid.
        total = _money(field(raw, "currentTotalPriceSet"), "currentTotalPriceSet", rules)
        code = UNTOLD if total.amount else "PAID"
    found = rules.financial.get(code)
    if found is None:
        rules.unknown.count(rules.system, code, "financial status")
        return Financial(paid=False)
    gateways = raw.get("paymentGatewayNames")
    known = rules.tables.section("gateways")
    if not found.paid and isinstance(gateways, list) and any(str(name) in known for name in gateways):
        return Financial(paid=True, status=found.status)
    return found


def _status(
    raw: Mapping[str, Any], money: Financial, fulfilments: list[Mapping[str, Any]], rules: Rules
) -> OrderStatus:
    if money.status is not None:
        return money.status
    if raw.get("cancelledAt"):
        return OrderStatus.CANCELLED
    code = text_of(field(raw, "displayFulfillmentStatus"), "displayFulfillmentStatus")
    arrived = bool(fulfilments) and all(each.get("displayStatus") == DELIVERED for each in fulfilments)
    if arrived and code == "FULFILLED":
        return OrderStatus.DELIVERED
    known = rules.tables.status(code, paid=money.paid)
    if known is not None:
        return known
    if fulfilments:
        return OrderStatus.SHIPPED
    return OrderStatus.PAID if money.paid else OrderStatus.AWAITING_PAYMENT


def _item(row: Mapping[str, Any], rules: Rules) -> OrderItem:
    title = text_of(row.get("title") or "", "title")
    quantity = amount_of(field(row, "quantity"), "quantity")
    price = _money(field(row, "originalUnitPriceSet"), "originalUnitPriceSet", rules)
    return OrderItem(one_line(row.get("sku")) or title, title, title, max(1, int(quantity)), price)


def _parcels(fulfilments: list[Mapping[str, Any]], rules: Rules) -> Iterator[ShipmentRef]:
    seen: set[str] = set()
    for each in fulfilments:
        shipped_at = utc_of(field(each, "createdAt"), "createdAt of a fulfilment")
        for info in rows_of(each.get("trackingInfo"), "trackingInfo"):
            name = one_line(info.get("company"))
            for code in codes_of(info.get("number")):
                if code not in seen:
                    seen.add(code)
                    known = rules.tables.carrier(name) if name else None
                    yield ShipmentRef(known or rules.carrier or UNKNOWN_CARRIER, code, shipped_at)


def _refund(raw: Mapping[str, Any], changed: datetime, rules: Rules) -> Refund | None:
    written = raw.get("totalRefundedSet")
    amount = _money(written, "totalRefundedSet", rules) if written is not None else None
    if amount is None or not amount.amount:
        return None
    dates = (_date(row, "createdAt") for row in rows_of(raw.get("refunds"), "refunds"))
    started = max(filter(None, dates), default=changed)
    # Shopify does not say when it arrives.
    return Refund(amount, started, started + timedelta(days=rules.refund_days))


def _money(value: object, what: str, rules: Rules) -> Money:
    inner = row_of(row_of(value, what).get("presentmentMoney"), what)
    amount = amount_of(field(inner, "amount"), what)
    return rules.tables.money(amount, text_of(field(inner, "currencyCode"), "currencyCode"))


def _date(row: Mapping[str, Any], name: str) -> datetime | None:
    value = row.get(name)
    return utc_of(value, name) if value else None


def _financial(code: str, row: object) -> Financial:
    written: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
    try:
        payment, status = written.get("payment"), written.get("status")
        return Financial(
            written["paid"] is True,
            PaymentState(payment) if payment is not None else None,
            OrderStatus(status) if status is not None else None,
        )
    except (KeyError, ValueError):
        raise SettingsError(
            f"the financial status {code} of shopify must be like `{{paid: true, payment: verified}}`"
        ) from None
