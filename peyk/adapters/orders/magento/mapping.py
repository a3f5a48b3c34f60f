"""From Magento's orders and shipments to ours. Pure, but for the counting of unknown words.

`entity_id` is the system's own id, `increment_id` what customers know [D]. The *state* is read, not the *status*, which
every shop names as it likes [D]. Dates are UTC and do not say so [K].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
from peyk.ports.systems import UnknownCodes

UNKNOWN_CARRIER = "unknown"
TYPED_IN = "custom"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a shop sets: its tables, who carries when nobody says, how long a refund may take."""

    tables: ShopTables
    words: ShopTables
    carrier: str
    refund_days: int

    @classmethod
    def of(cls, system: str, tables: ShopTables, unknown: UnknownCodes, carrier: str, refund_days: int) -> Rules:
        """Read the table of the shop's own statuses. Raises SettingsError for a word that is none."""
        words = ShopTables(system, {"statuses": tables.section("words")}, unknown)
        return cls(tables, words, carrier, refund_days)


def to_order(raw: Mapping[str, Any], shipments: Iterable[Mapping[str, Any]], rules: Rules) -> ShopOrder:
    """Return an order with its shipments. Raises Unreadable."""
    number = text_of(field(raw, "increment_id"), "increment_id")
    if not number:
        raise Unreadable("increment_id is empty")
    created, changed = utc_of(field(raw, "created_at"), "created_at"), utc_of(field(raw, "updated_at"), "updated_at")
    billing = row_of(raw.get("billing_address"), "billing_address")
    shipping = _shipping(raw)
    to = shipping or billing
    currency = text_of(field(raw, "order_currency_code"), "order_currency_code")
    whole = amount_of(field(raw, "grand_total"), "grand_total")
    paid = whole <= amount_of(raw.get("total_paid") or 0, "total_paid")
    parcels = tuple(_parcels(shipments, rules))
    order = Order(
        number=number,
        # The buyer's own: who a parcel goes to may be somebody else, and does not own the order.
        mobile=mobile_of(billing.get("telephone")),
        status=_status(raw, rules, paid=paid or _at_the_door(raw, rules), shipped=bool(parcels)),
        customer_name=" ".join(filter(None, (one_line(to.get("firstname")), one_line(to.get("lastname"))))),
        city=city_of(one_line(to.get("city"))),
        address=_street(to),
        items=tuple(_items(raw, currency, rules)),
        total=rules.tables.money(whole, currency),
        placed_at=created,
        # The invoice has the day it was paid, and is not read.
        paid_at=created if paid else None,
        shipments=parcels,
        refund=_refund(raw, currency, changed, rules),
    )
    return ShopOrder(
        id_of(raw.get("entity_id"), "entity_id"),
        order,
        changed,
        email_of(raw.get("customer_email")),
        _payment(raw, order, rules),
    )


def _status(raw: Mapping[str, Any], rules: Rules, *, paid: bool, shipped: bool) -> OrderStatus:
    word = one_line(raw.get("status"))
    if word in rules.tables.section("words"):
        known = rules.words.status(word, paid=paid)
    else:
        known = rules.tables.status(text_of(field(raw, "state"), "state"), paid=paid)
    if shipped and known in {None, OrderStatus.PREPARING}:
        # A part is on its way, the rest is not.
        return OrderStatus.SHIPPED
    return known or (OrderStatus.PAID if paid else OrderStatus.AWAITING_PAYMENT)


def _items(raw: Mapping[str, Any], currency: str, rules: Rules) -> Iterator[OrderItem]:
    for row in rows_of(raw.get("items"), "items"):
        # What was chosen of a product stands under it as a row of its own.
        if row.get("parent_item_id"):
            continue
        title = text_of(row.get("name") or "", "name")
        price = amount_of(row.get("price_incl_tax") or row.get("price") or 0, "price")
        quantity = max(1, int(amount_of(field(row, "qty_ordered"), "qty_ordered")))
        sku = one_line(row.get("sku")) or title
        yield OrderItem(sku, title, title, quantity, rules.tables.money(price, currency))


def _parcels(shipments: Iterable[Mapping[str, Any]], rules: Rules) -> Iterator[ShipmentRef]:
    seen: set[str] = set()
    for each in shipments:
        shipped_at = utc_of(field(each, "created_at"), "created_at of a shipment")
        for track in rows_of(each.get("tracks"), "tracks"):
            for code in codes_of(track.get("track_number")):
                if code not in seen:
                    seen.add(code)
                    yield ShipmentRef(_carrier(track, rules), code, shipped_at)


def _carrier(track: Mapping[str, Any], rules: Rules) -> str:
    code, title = one_line(track.get("carrier_code")), one_line(track.get("title"))
    name = title if code in {"", TYPED_IN} else code
    known = rules.tables.carrier(name) if name else None
    return known or rules.carrier or UNKNOWN_CARRIER


def _payment(raw: Mapping[str, Any], order: Order, rules: Rules) -> Payment | None:
    if order.paid_at is not None:
        reference = one_line(row_of(raw.get("payment"), "payment").get("last_trans_id")) or None
        return Payment(order.number, PaymentState.VERIFIED, order.total, order.paid_at, reference)
    if order.status is OrderStatus.AWAITING_PAYMENT and not _at_the_door(raw, rules):
        return Payment(order.number, PaymentState.UNPAID, order.total, order.placed_at)
    return None


def _refund(raw: Mapping[str, Any], currency: str, changed: datetime, rules: Rules) -> Refund | None:
    amount = amount_of(raw.get("total_refunded") or 0, "total_refunded")
    if amount <= Decimal(0):
        return None
    # The credit memo has its day, and is not read; Magento does not say when the money arrives.
    return Refund(rules.tables.money(amount, currency), changed, changed + timedelta(days=rules.refund_days))


def _at_the_door(raw: Mapping[str, Any], rules: Rules) -> bool:
    return one_line(row_of(raw.get("payment"), "payment").get("method")) in rules.tables.section("methods")


def _shipping(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    more = row_of(raw.get("extension_attributes"), "extension_attributes")
    assigned = rows_of(more.get("shipping_assignments"), "shipping_assignments")
    return row_of(row_of(assigned[0].get("shipping"), "shipping").get("address"), "address") if assigned else {}


def _street(address: Mapping[str, Any]) -> str:
    street = address.get("street")
    return one_line(*street) if isinstance(street, list) else one_line(street)
