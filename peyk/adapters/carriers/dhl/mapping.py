"""From DHL's answers to what they say. Pure.

`{shipments: [{id, service, status, events, …}]}` [D]. Several shipments are one number in several services of DHL:
those whose `id` is the number count, and of several the one with the newest scan. A single one with another `id` is
the parcel whose piece was asked for [K]; of several of these nobody knows which it is. What is listed by
`possibleAdditionalShipmentsUrl` are services where DHL has not looked [C]: no match.
"""

from __future__ import annotations

from typing import Any

from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._told import Told
from peyk.errors import BadAnswer, NotFound


def to_told(system: str, answer: Any, fields: Fields, code: str) -> Told:
    """Return what an answer says. Raises NotFound for no shipment at all, or BadAnswer."""
    shipments = answer.get("shipments") if isinstance(answer, dict) else None
    if not isinstance(shipments, list) or not all(isinstance(each, dict) for each in shipments):
        raise BadAnswer(system, "no list of shipments in the answer")
    if not shipments:
        raise NotFound(system, "no shipment of this number")
    same = [each for each in shipments if str(each.get("id", "")).upper() == code.upper()]
    if not same and len(shipments) > 1:
        raise BadAnswer(system, "several shipments, and none has this number")
    return max((fields.told(each) for each in same or shipments), key=lambda told: told.newest_at)
