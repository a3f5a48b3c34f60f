"""What a vendor said of a parcel, in the same few words whoever said it, and the tracking answer that makes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from peyk.adapters.carriers._reasons import reason_of
from peyk.adapters.carriers._statuses import StatusTable
from peyk.domain.shipments import DeliveryStatus, Tracking, TrackingEvent
from peyk.errors import NotFound, NotYet
from peyk.text.digits import to_ascii_digits
from peyk.text.places import find_named_city

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{3,39}", re.ASCII)
# What stands after a town: its country, its district.
_AFTER_TOWN = re.compile(r" - |[,/|(]")
_TOWN = re.compile("[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f.'\u2019 -]{1,59}")


@dataclass(frozen=True, slots=True)
class Scan:
    """One line of a vendor's history: its code, its words, when (UTC) and where; all but the time may be empty.

    `kind` is a coarser code, `town` a place that is a town by its field and not by its words, `why` what the vendor
    says of an exception.
    """

    at: datetime
    code: str = ""
    words: str = ""
    place: str = ""
    kind: str = ""
    town: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What a vendor calls the present state: code and words; the rest is as in a scan."""

    code: str
    words: str = ""
    kind: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One parcel of a waybill that has several; None: nothing was said of it."""

    state: State | None


@dataclass(frozen=True, slots=True)
class Told:
    """Everything a vendor said of a code. `scans` may run either way; `newest_first` decides among equal times.

    `known`: it has named the parcel, so that nothing more is "not yet"; an empty list is an answer for anybody's code.
    """

    scans: Sequence[Scan] = ()
    state: State | None = None
    parts: Sequence[Part] = ()
    newest_first: bool = False
    eta: datetime | None = None
    known: bool = False

    @property
    def newest_at(self) -> datetime:
        """The moment of the newest scan; long ago where there is none."""
        return max((scan.at for scan in self.scans), default=datetime.min.replace(tzinfo=UTC))


def known_code(system: str, code: str) -> str:
    """Return a code as it may stand in an address. Raises NotFound for what is no carrier's code; no I/O."""
    plain = "".join(to_ascii_digits(code).split())
    if not _CODE.fullmatch(plain):
        raise NotFound(system, "no code has this shape")
    return plain


def to_tracking(told: Told, table: StatusTable, *, carrier: str, code: str, as_of: datetime, url: str) -> Tracking:
    """Return the tracking answer. Raises NotYet where the vendor only names the parcel, NotFound for not even that."""
    if told.state is None and not told.scans and not told.parts:
        raise NotYet(carrier, "known, and not scanned yet") if told.known else NotFound(carrier, "an empty history")
    events, reasons = [], []
    for scan in _oldest_first(told):
        # Who has no codes is read by the words.
        meaning = table.meaning(scan.code or scan.words, scan.words, scan.kind)
        city = city_of(scan.place) or town_of(scan.town)
        events.append(TrackingEvent(scan.at, meaning.status, meaning.fa, meaning.en, city))
        reasons.append(meaning.reason or reason_of(meaning.status, scan.why))
    whole = Tracking(
        carrier,
        code,
        events[-1].status if events else DeliveryStatus.UNKNOWN,
        as_of,
        url,
        reason=reasons[-1] if reasons else None,
        events=tuple(events),
        eta=told.eta,
        attempts=sum(event.status is DeliveryStatus.DELIVERY_FAILED for event in events),
    )
    if told.state is not None:
        meaning = table.meaning(told.state.code or told.state.words, told.state.words, told.state.kind)
        reason = meaning.reason or reason_of(meaning.status, told.state.why)
        whole = replace(whole, status=meaning.status, reason=reason)
    return _with_parts(whole, told.parts, table) if len(told.parts) > 1 else whole


def _with_parts(whole: Tracking, told: Sequence[Part], table: StatusTable) -> Tracking:
    parts = []
    for number, part in enumerate(told, start=1):
        meaning = table.meaning(part.state.code or part.state.words, part.state.words) if part.state else None
        parts.append(
            Tracking(
                whole.carrier,
                f"{whole.code} ({number}/{len(told)})",
                meaning.status if meaning else DeliveryStatus.UNKNOWN,
                whole.as_of,
                whole.url,
                reason=meaning.reason if meaning else None,
            )
        )
    if len({part.status for part in parts}) == 1:
        return replace(whole, status=parts[0].status, reason=parts[0].reason, parts=tuple(parts))
    return replace(whole, status=DeliveryStatus.UNKNOWN, reason=None, parts=tuple(parts))


def _oldest_first(told: Told) -> list[Scan]:
    scans = list(told.scans)
    if told.newest_first or (scans and scans[0].at > scans[-1].at):
        scans.reverse()
    # Of scans at the same minute the vendor's own order counts.
    return sorted(scans, key=lambda scan: scan.at)


@lru_cache(maxsize=4096)
def city_of(place: str) -> str | None:
    """Return the English name of the city a vendor's words for a place name, or None: other words may be anybody's."""
    return find_named_city(place)


def town_of(name: str) -> str | None:
    """Return a town in Latin letters, from a field that holds towns; None for anything else."""
    town = _AFTER_TOWN.split(name)[0].strip()
    if not _TOWN.fullmatch(town):
        return None
    return town.title() if town.isupper() else town
