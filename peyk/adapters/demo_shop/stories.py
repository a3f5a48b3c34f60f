"""The stories of the demo shop, told in data/stories.yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from peyk.adapters.demo_shop.rows import Row, Rows, load
from peyk.adapters.demo_shop.times import moment

_When = Callable[[str], datetime]


def tell(rows: Rows, now: datetime, products: Mapping[str, Row]) -> None:
    """Add every story to `rows`, dated from `now`."""
    for story in load("stories"):
        _tell(rows, story, partial(moment, now=now), products)


def _tell(rows: Rows, story: Mapping[str, Any], when: _When, products: Mapping[str, Row]) -> None:
    order = _order(story, when)
    total = rows.add_order(order, story["items"], products, story["shipping_rial"])
    if refund := story.get("refund"):
        rows.orders[-1] |= {
            "refund_rial": total,
            "refund_started_at": when(refund["started"]),
            "refund_due_at": when(refund["due"]),
        }
    payment = dict(story["payment"])
    paid = when(payment.pop("at", story.get("paid")))
    rows.add_payment(story["number"], payment.pop("state"), total, paid, **payment)
    for parcel in story.get("parcels", ()):
        _add_parcel(rows, order, parcel, when, tuple(story["items"]))


def _order(story: Mapping[str, Any], when: _When) -> Row:
    order: Row = {
        "number": story["number"],
        "mobile": story["mobile"],
        "status": story["status"],
        "customer_name": story["customer"],
        "city": story["city"],
        "address": story["address"],
        "vip": story.get("vip", False),
        "delay_reason": story.get("delay_reason"),
        "hold_reason": story.get("hold_reason"),
    }
    for name in ("placed", "paid", "promised", "preparation_due"):
        if name in story:
            order[f"{name}_at"] = when(story[name])
    if "eta" in story:
        order["eta_from"], order["eta_until"] = map(when, story["eta"])
    return order


def _add_parcel(rows: Rows, order: Row, parcel: Mapping[str, Any], when: _When, all_skus: tuple[str, ...]) -> None:
    more = {name: parcel[name] for name in ("status", "reason", "attempts") if name in parcel}
    more |= {name: when(parcel[name]) for name in ("eta", "pickup_until") if name in parcel}
    for name in ("pickup_place", "signed_by"):
        more |= {f"{name}_{language}": text for language, text in parcel.get(name, {}).items()}
    rows.add_parcel(
        order,
        parcel["carrier"],
        parcel["code"],
        shipped_at=when(parcel["shipped"]),
        delivered_at=when(parcel["delivered"]) if "delivered" in parcel else None,
        events=[(when(at), key, city) for at, key, city in parcel["events"]],
        item_skus=parcel.get("items", all_skus),
        **more,
    )
