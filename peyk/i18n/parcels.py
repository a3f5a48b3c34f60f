"""Parcels and their scans in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from peyk.domain.shipments import TrackingEvent
from peyk.i18n.answers import ParcelInAnswer
from peyk.i18n.catalogue import catalogue, text
from peyk.i18n.dates import format_moment

EVENTS_TOLD = 3


# What adapters that are none of ours call their carriers.
_brought: dict[str, Mapping[str, str]] = {}


def name_carrier(carrier: str, names: Mapping[str, str]) -> None:
    """Remember what a carrier is called, by language; our own catalogue goes before it."""
    _brought[carrier] = names


def carrier_name(carrier: str, language: str) -> str:
    """Return a carrier's name by its id, the id itself where nobody has named it."""
    if f"carrier.{carrier}" in catalogue():
        return text(f"carrier.{carrier}", language)
    return _brought.get(carrier, {}).get(language) or carrier


def event_text(event: TrackingEvent, language: str) -> str:
    """Return the carrier's words for a scan, or the name of its status where there are none."""
    return event.text(language) or text(f"delivery_status.{event.status.value}", language)


def parcel_lines(parcels: Sequence[ParcelInAnswer], now: datetime, language: str) -> str:
    """Return one line a parcel, oldest first."""
    return "\n".join(_line(parcel, now, language) for parcel in parcels)


def parcels_told(parcels: Sequence[ParcelInAnswer], as_of: datetime | None, now: datetime, language: str) -> str:
    """Return all parcels; of several also their links, each once, and how old the oldest news is."""
    lines = [parcel_lines(parcels, now, language)]
    if len(parcels) > 1:
        links = dict.fromkeys(parcel.tracking.url if parcel.tracking else parcel.page for parcel in parcels)
        lines += [text("parcels.link", language, url=url) for url in links if url]
        lines += [text("parcels.as_of", language, as_of=format_moment(as_of, now, language))] if as_of else []
    return "\n".join(lines)


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
