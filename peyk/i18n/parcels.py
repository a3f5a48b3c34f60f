"""Parcels and their scans in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from peyk.domain.shipments import TrackingEvent
from peyk.i18n.answers import ParcelInAnswer
from peyk.i18n.catalogue import text
from peyk.i18n.dates import format_moment

EVENTS_TOLD = 3


def carrier_name(carrier: str, language: str) -> str:
    """Return a carrier's name by its id."""
    return text(f"carrier.{carrier}", language)


def event_text(event: TrackingEvent, language: str) -> str:
    """Return the carrier's words for a scan, or the name of its status where there are none."""
    return event.text(language) or text(f"delivery_status.{event.status.value}", language)


def parcel_lines(parcels: Sequence[ParcelInAnswer], now: datetime, language: str) -> str:
    """Return one line a parcel, oldest first."""
    return "\n".join(_line(parcel, now, language) for parcel in parcels)


def event_lines(events: Sequence[TrackingEvent], now: datetime, language: str) -> str:
    """Return the newest scans, newest first, one line each."""
    newest = reversed(events[-EVENTS_TOLD:])
    return "\n".join(
        text("event.line", language, event=event_text(event, language), at=format_moment(event.at, now, language))
        for event in newest
    )


def _line(parcel: ParcelInAnswer, now: datetime, language: str) -> str:
    tracking = parcel.tracking
    status = text(f"delivery_status.{tracking.status.value if tracking else 'unknown'}", language)
    values = {"carrier": carrier_name(parcel.carrier, language), "code": parcel.code, "status": status}
    last = tracking.last_event if tracking else None
    if last is None:
        return text("parcel.line", language, **values)
    at = format_moment(last.at, now, language)
    return text("parcel.line_with_event", language, event=event_text(last, language), at=at, **values)
