"""What carriers abroad say of the stories of `carrier_stories`, in English."""

from __future__ import annotations

from datetime import datetime

from tests.fakes.carrier_stories import Line

_WORDS = {
    "picked_up": "Shipment picked up",
    "in_transit": "Arrived at a sorting hub",
    "out_for_delivery": "Shipment is out with courier for delivery",
    "ready_for_pickup": "Available for pickup at a service point",
    "delivered": "Delivered",
    "delivery_failed": "Delivery attempted; recipient not home",
    "return_to_sender": "Shipment is being returned to the sender",
    "on_hold": "Held in customs",
    "unknown": "Case opened",
}


def said(line: Line) -> str:
    return line.english or _WORDS[line.status]


def promised(eta: datetime | None) -> str | None:
    """A day as carriers write it: its first minute in Tehran, for its last."""
    return f"{eta:%Y-%m-%d}T00:00:00+03:30" if eta else None


def town(line: Line) -> str:
    """The town in capitals, as carriers print it; a district is none."""
    return line.city.upper() if line.city else "DISTRICT 3"
