"""Rows for the `demo_*` tables, gathered before they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

Row = dict[str, Any]


@cache
def load(name: str) -> Any:
    """Return a data file of the demo shop (`stories`, `shop`, `events`, `people`)."""
    text = files("peyk.adapters.demo_shop").joinpath("data", f"{name}.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both loaders are safe


@dataclass(slots=True)
class Rows:
    """Everything one seeding writes, by table."""

    orders: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    shipments: list[Row] = field(default_factory=list)
    parcels: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)

    def add_order(self, order: Row, items: Mapping[str, int], products: Mapping[str, Row], shipping_rial: int) -> int:
        """Add an order with its items (sku → quantity); return its total, the shipping included."""
        total = shipping_rial
        for line, (sku, quantity) in enumerate(items.items(), start=1):
            product = products[sku]
            total += product["price_rial"] * quantity
            self.items.append(
                {
                    "order_number": order["number"],
                    "line": line,
                    "sku": sku,
                    "title_fa": product["fa"],
                    "title_en": product["en"],
                    "quantity": quantity,
                    "price_rial": product["price_rial"],
                }
            )
        blank = dict.fromkeys(_OPTIONAL)
        self.orders.append({**blank, "vip": False, **order, "total_rial": total})
        return total

    def add_parcel(
        self,
        order: Row,
        carrier: str,
        code: str,
        *,
        shipped_at: datetime,
        delivered_at: datetime | None,
        events: Iterable[tuple[datetime, str, str]],
        item_skus: Iterable[str] = (),
        **more: Any,
    ) -> None:
        """Add a parcel to the shop's and its carrier's books; `events` are (time, key, city), oldest first."""
        words = load("events")[carrier]
        scans = [{"at": at.isoformat(), "city": city, **words[key]} for at, key, city in events]
        self.shipments.append(
            {
                "code": code,
                "order_number": order["number"],
                "carrier": carrier,
                "city": order["city"],
                "shipped_at": shipped_at,
                "delivered_at": delivered_at,
                "item_skus": list(item_skus),
            }
        )
        status = scans[-1]["status"] if scans else "pending"
        blank = {**dict.fromkeys(_PARCEL_OPTIONAL), "attempts": 0, "status": status}
        self.parcels.append({**blank, "carrier": carrier, "code": code, "events": scans, **more})

    def add_payment(self, order_number: str, state: str, amount_rial: int, at: datetime, **more: Any) -> None:
        """Add a payment attempt."""
        blank = {"ref_id": None, "failure": None}
        row = {"order_number": order_number, "state": state, "amount_rial": amount_rial, "at": at}
        self.payments.append({**blank, **row, **more})


_OPTIONAL = (
    "paid_at",
    "preparation_due_at",
    "delay_reason",
    "hold_reason",
    "promised_at",
    "eta_from",
    "eta_until",
    "refund_rial",
    "refund_started_at",
    "refund_due_at",
    "refund_done_at",
)
_PARCEL_OPTIONAL = (
    "reason",
    "eta",
    "pickup_until",
    "pickup_place_fa",
    "pickup_place_en",
    "signed_by_fa",
    "signed_by_en",
)
