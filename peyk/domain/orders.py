"""Orders as the shop knows them. Times are aware UTC datetimes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from peyk.domain.money import Money


class OrderStatus(StrEnum):
    """The shop's own status of an order; what the carrier says is in `shipments`."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    PREPARING = "preparing"
    ON_HOLD = "on_hold"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class DelayReason(StrEnum):
    """Why preparation takes longer, as the shop recorded it."""

    MANY_ORDERS = "many_orders"
    SUPPLIER = "supplier"
    HOLIDAY = "holiday"


class HoldReason(StrEnum):
    """Why the shop cannot ship a paid order."""

    ADDRESS_INCOMPLETE = "address_incomplete"


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order; the titles are as the shop shows them in each language."""

    sku: str
    title_fa: str
    title_en: str
    quantity: int
    price: Money

    def title(self, language: str) -> str:
        """Return the title in `language` ("fa" or "en")."""
        return self.title_en if language == "en" else self.title_fa


@dataclass(frozen=True, slots=True)
class ShipmentRef:
    """A parcel the shop handed over: `carrier` is a taxonomy carrier id (`post`, `tipax`, …)."""

    carrier: str
    tracking_code: str
    shipped_at: datetime
    item_skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back: `done_at` is None while it is under way."""

    amount: Money
    started_at: datetime
    due_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order with everything the shop knows; only a verified customer sees it whole.

    `mobile` is normalised (`09121234567`, others E.164); `city` is the English name of the
    gazetteer; `address` is one line as the customer wrote it. `as_of` is when the shop last said so, None for an
    answer of just now: it is set where the shop could not be asked.
    """

    number: str
    mobile: str
    status: OrderStatus
    customer_name: str
    city: str
    address: str
    items: tuple[OrderItem, ...]
    total: Money
    placed_at: datetime
    paid_at: datetime | None = None
    preparation_due_at: datetime | None = None
    delay_reason: DelayReason | None = None
    hold_reason: HoldReason | None = None
    promised_at: datetime | None = None
    eta_from: datetime | None = None
    eta_until: datetime | None = None
    shipments: tuple[ShipmentRef, ...] = ()
    refund: Refund | None = None
    vip: bool = False
    as_of: datetime | None = None
