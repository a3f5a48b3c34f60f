"""An answer about an order in the customer's words: values for sentences, and the object for programs."""

from __future__ import annotations

from typing import Any

from peyk.domain.identity import Level
from peyk.domain.shipments import Tracking, first_of_status
from peyk.i18n.answers import OrderAnswer, ParcelInAnswer
from peyk.i18n.catalogue import text
from peyk.i18n.money import format_money
from peyk.i18n.parcels import event_text
from peyk.i18n.replies import KEYS, reply_values
from peyk.text.places import city_name

__all__ = ["KEYS", "order_payload", "reply_values"]

MOST_EVENTS = 20


def order_payload(result: OrderAnswer, language: str, unit: str) -> dict[str, Any]:
    """Return the `custom` object of a reply about one order, as docs/rest-answer.schema.json has it.

    Level 1 has number, `status` (the Situation) and its Persian name, nothing else. Level 2 adds times
    (ISO 8601, UTC), items and tracking; with several parcels `tracking` is the newest and `parcels` has
    all. There is no `order` where no order is known: nothing found, or a look-up by tracking code.
    """
    verified = result.level >= Level.VERIFIED
    order = _order(result, language, unit)
    return {
        **({"order": order} if order else {}),
        "security": {"verified": verified, "method": result.method if verified else None, "level": int(result.level)},
        "nextActions": [],
    }


def _order(result: OrderAnswer, language: str, unit: str) -> dict[str, Any] | None:
    if result.order_number is None or result.situation is None:
        return None
    stage: dict[str, Any] = {
        "orderId": result.order_number,
        "status": result.situation.value,
        "statusFa": text(f"situation.{result.situation.value}", "fa"),
    }
    order = result.order
    if result.level < Level.VERIFIED or order is None:
        return stage
    parcels = [_parcel(parcel, language) for parcel in result.parcels]
    newest = result.parcels[-1].tracking if result.parcels else None
    eta = (newest.eta if newest else None) or order.eta_until
    return stage | {
        **({"asOf": result.shop_as_of.isoformat()} if result.shop_as_of else {}),
        "createdAt": order.placed_at.isoformat(),
        "eta": eta.isoformat() if eta else None,
        "items": [
            {
                "sku": item.sku,
                "title": item.title(language),
                "quantity": item.quantity,
                "price": format_money(item.price, language, unit),
            }
            for item in order.items
        ],
        "tracking": parcels[-1] if parcels else None,
        **({"parcels": parcels} if len(parcels) > 1 else {}),
    }


def _parcel(parcel: ParcelInAnswer, language: str) -> dict[str, Any]:
    tracking = parcel.tracking
    last = tracking.last_event if tracking else None
    return {
        "carrier": parcel.carrier,
        "code": parcel.code,
        "url": (tracking.url if tracking else parcel.page) or None,
        "lastEvent": event_text(last, language) if last else None,
        "asOf": tracking.as_of.isoformat() if tracking else None,
        "events": _events(tracking, language) if tracking else [],
    }


def _events(tracking: Tracking, language: str) -> list[dict[str, Any]]:
    """Return the newest scans, oldest first; the first under its status is news and marked."""
    news = first_of_status(tracking.events)
    return [
        {
            "at": event.at.isoformat(),
            "text": event_text(event, language),
            **({"place": city_name(event.city, language)} if event.city else {}),
            **({"first": True} if any(event is each for each in news) else {}),
        }
        for event in tracking.events[-MOST_EVENTS:]
    ]
