"""Parcels every carrier's fake knows: the same stories, which each tells in its own shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.vendor_http import FakeVendor

PARCELS = Path(__file__).parents[1] / "payloads" / "parcels.yml"


class Case(StrEnum):
    """What a parcel is an example of."""

    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    # Somebody was not at home.
    FAILED = "delivery_failed"
    RETURNED = "return_to_sender"
    # Its last scan has a code (or words) no table knows.
    UNKNOWN = "unknown"
    # Known, and not scanned yet.
    NOT_YET = "not_yet"
    # One code, several parcels, of which one is delivered and one is not.
    PARTS = "parts"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Line:
    """One scan; `utc` is the moment of the Jalali `day` and `time` in Tehran, `city` the English name of `place`."""

    status: str
    day: str
    time: str
    utc: datetime
    place: str
    city: str | None
    words: str
    # What carriers abroad say of it; empty: what they always say.
    english: str = ""


@dataclass(frozen=True)
class Parcel:
    """What is told of a code: its scans, oldest first, and when it should come."""

    lines: list[Line]
    eta: datetime | None = None


# When the parcels of the stories should come.
ETA = datetime(2026, 11, 21, tzinfo=UTC)


def story(case: Case) -> list[Line]:
    """Return the scans of a case, oldest first."""
    scans = _parcels()["scans"]
    return [
        Line(status=name, **{**scans[name], "utc": datetime.fromisoformat(scans[name]["utc"])})
        for name in _parcels()["cases"].get(case.value, ())
    ]


def words(name: str) -> str:
    """Return what vendors say beside scans, in Persian."""
    return str(_parcels()["words"][name])


def numbered(digits: int, *without: Case) -> dict[Case, str]:
    """Return a code of so many digits for every case."""
    return {case: f"{10 ** (digits - 1) + index}" for index, case in enumerate(Case, start=7) if case not in without}


class FakeCarrierVendor(FakeVendor):
    """What the carriers' fakes share: which code stands for which case.

    `tell` takes the place of the cases: it returns the parcel of a code, None where there is none.
    """

    codes: Mapping[Case, str]
    tell: Callable[[str], Parcel | None] | None = None

    def case(self, code: str) -> Case:
        """Return the case of a code; codes of nobody are not found."""
        if self.tell is not None:
            parcel = self.tell(code)
            known = Case.IN_TRANSIT if parcel and parcel.lines else Case.NOT_YET
            return known if parcel else Case.NOT_FOUND
        return next((case for case, known in self.codes.items() if known == code), Case.NOT_FOUND)

    def parcel(self, code: str) -> Parcel:
        """Return what is told of a code; nothing where there is nothing."""
        if self.tell is not None:
            return self.tell(code) or Parcel([])
        return Parcel(story(self.case(code)), ETA)


@cache
def _parcels() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(PARCELS.read_text(encoding="utf-8"))
    return read
