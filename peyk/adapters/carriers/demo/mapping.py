"""From rows of the demo's carriers to tracking answers. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row

from peyk.adapters.demo_shop.database import utc_or_none
from peyk.domain.shipments import DeliveryStatus, ExceptionReason, Tracking, TrackingEvent


def to_tracking(row: Row[Any], as_of: datetime, url: str) -> Tracking:
    """Return what the carrier says of a `demo_parcels` row."""
    return Tracking(
        carrier=row.carrier,
        code=row.code,
        status=DeliveryStatus(row.status),
        as_of=as_of,
        url=url,
        reason=ExceptionReason(row.reason) if row.reason else None,
        events=tuple(_event(event) for event in row.events),
        eta=utc_or_none(row.eta),
        attempts=row.attempts,
        pickup_until=utc_or_none(row.pickup_until),
        pickup_place_fa=row.pickup_place_fa,
        pickup_place_en=row.pickup_place_en,
        signed_by_fa=row.signed_by_fa,
        signed_by_en=row.signed_by_en,
    )


def _event(event: dict[str, str]) -> TrackingEvent:
    at = datetime.fromisoformat(event["at"])
    return TrackingEvent(at, DeliveryStatus(event["status"]), event["fa"], event["en"], event["city"])
