"""What carriers abroad say of the stories of `carrier_stories`, in English."""

from __future__ import annotations

from tests.fakes.carrier_stories import Line

_WORDS = {
    "picked_up": "Shipment picked up",
    "in_transit": "Arrived at a sorting hub",
    "out_for_delivery": "Shipment is out with courier for delivery",
    "ready_for_pickup": "Available for pickup at a service point",
    "delivered": "Delivered",
    "delivery_failed": "Delivery attempted; recipient not home",
    "return_to_sender": "Shipment is being returned to the sender",
    "unknown": "Case opened",
}


def said(line: Line) -> str:
    return _WORDS[line.status]


def town(line: Line) -> str:
    """The town in capitals, as carriers print it; a district is none."""
    return line.city.upper() if line.city else "DISTRICT 3"
