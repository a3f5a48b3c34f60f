"""From rows of the demo shop to orders. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Row

from peyk.adapters.demo_shop.database import utc, utc_or_none
from peyk.domain.money import Money
from peyk.domain.orders import DelayReason, HoldReason, Order, OrderItem, OrderStatus, Refund, ShipmentRef


def to_order(row: Row[Any], items: Iterable[Row[Any]], shipments: Iterable[Row[Any]]) -> Order:
    """Return the order of a `demo_orders` row with its items and shipments."""
    return Order(
        number=row.number,
        mobile=row.mobile,
        status=OrderStatus(row.status),
        customer_name=row.customer_name,
        city=row.city,
        address=row.address,
        items=tuple(OrderItem(i.sku, i.title_fa, i.title_en, i.quantity, Money.rial(i.price_rial)) for i in items),
        total=Money.rial(row.total_rial),
        placed_at=utc(row.placed_at),
        paid_at=utc_or_none(row.paid_at),
        preparation_due_at=utc_or_none(row.preparation_due_at),
        delay_reason=DelayReason(row.delay_reason) if row.delay_reason else None,
        hold_reason=HoldReason(row.hold_reason) if row.hold_reason else None,
        promised_at=utc_or_none(row.promised_at),
        eta_from=utc_or_none(row.eta_from),
        eta_until=utc_or_none(row.eta_until),
        shipments=tuple(ShipmentRef(s.carrier, s.code, utc(s.shipped_at), tuple(s.item_skus)) for s in shipments),
        refund=_refund(row),
        vip=row.vip,
    )


def _refund(row: Row[Any]) -> Refund | None:
    if row.refund_rial is None:
        return None
    amount, done_at = Money.rial(row.refund_rial), utc_or_none(row.refund_done_at)
    return Refund(amount, utc(row.refund_started_at), utc(row.refund_due_at), done_at)
