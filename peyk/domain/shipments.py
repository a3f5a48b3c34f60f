"""Parcels as the carrier knows them.

The two levels (status, and a reason only with an exception) are those of the multi-carrier
library karrio, so that a vendor's code maps to one word and is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DeliveryStatus(StrEnum):
    """Where a parcel is; an unknown vendor code is `UNKNOWN`, never a guess."""

    PENDING = "pending"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_DELAYED = "delivery_delayed"
    ON_HOLD = "on_hold"
    RETURN_TO_SENDER = "return_to_sender"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class ExceptionReason(StrEnum):
    """Why a parcel is not on its normal way."""

    CARRIER_PARCEL_LOST = "carrier_parcel_lost"
    CARRIER_DAMAGED = "carrier_damaged"
    CONSIGNEE_INCORRECT_ADDRESS = "consignee_incorrect_address"
    CONSIGNEE_NOT_HOME = "consignee_not_home"
    CONSIGNEE_REFUSED = "consignee_refused"
    CUSTOMS_CLEARANCE_DELAY = "customs_clearance_delay"
    CUSTOMS_DUTIES_UNPAID = "customs_duties_unpaid"
    WEATHER_DELAY = "weather_delay"


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One scan of a parcel, with the carrier's words in both languages and the place (English city)."""

    at: datetime
    status: DeliveryStatus
    text_fa: str
    text_en: str
    city: str | None = None

    def text(self, language: str) -> str:
        """Return the carrier's words in `language` ("fa" or "en")."""
        return self.text_en if language == "en" else self.text_fa


@dataclass(frozen=True, slots=True)
class Tracking:
    """What a carrier says of one parcel, as of `as_of` (UTC).

    `events` run from oldest to newest. `stale` is True when the carrier does not answer now and
    this is its last good answer, `kept` when it was given before and is fresh enough not to ask again.
    `pickup_until` and `pickup_place_*` are set with READY_FOR_PICKUP, `signed_by_*` with DELIVERED,
    `attempts` counts failed deliveries. `parts` are the parcels of a waybill that has several, each with
    a status of its own; where these differ no one status is true of the whole, and `status` is UNKNOWN.
    """

    carrier: str
    code: str
    status: DeliveryStatus
    as_of: datetime
    url: str
    reason: ExceptionReason | None = None
    events: tuple[TrackingEvent, ...] = ()
    eta: datetime | None = None
    stale: bool = False
    attempts: int = 0
    pickup_until: datetime | None = None
    pickup_place_fa: str | None = None
    pickup_place_en: str | None = None
    signed_by_fa: str | None = None
    signed_by_en: str | None = None
    parts: tuple[Tracking, ...] = ()
    kept: bool = field(default=False, compare=False)

    @property
    def last_event(self) -> TrackingEvent | None:
        """The newest scan, or None before the first."""
        return self.events[-1] if self.events else None


def first_of_status(events: Iterable[TrackingEvent]) -> list[TrackingEvent]:
    """Return the events that are the first under their status: what is news, and not just one more scan."""
    seen: dict[DeliveryStatus, TrackingEvent] = {}
    for event in events:
        seen.setdefault(event.status, event)
    return list(seen.values())
