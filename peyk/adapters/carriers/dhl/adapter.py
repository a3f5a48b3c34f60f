"""DHL as a carrier.

DHL answers 404 both for a number that is nobody's and for a label too new to be known [D]; nothing in the answer tells
them apart, so it is NotFound. Who knows better is the shop: of a number that it has given to a parcel the services say
"not yet".
"""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from peyk.adapters._check import looked
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.dhl.client import SYSTEM, DhlClient, DhlSettings
from peyk.adapters.carriers.dhl.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health
from peyk.errors import SettingsError

PACKAGE = "peyk.adapters.carriers.dhl"
# Express waybills, and numbers of single pieces; their shape is from memory [K].
PATTERN = r"\d{10}|JJ?D\d{8,32}"
PAGE = "https://www.dhl.com/global-en/home/tracking.html?tracking-id={code}"


class DhlCarrier(VendorCarrier):
    """Asks for shipments."""

    def __init__(self, settings: DhlSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(SYSTEM, PACKAGE, settings.statuses, parts.unknown)
        super().__init__(SYSTEM, settings, parts, table, pattern=PATTERN, page=PAGE)
        self._fields = Fields.load(SYSTEM, PACKAGE, settings.fields, _zone(settings.zone))
        self.client = DhlClient(settings, parts)

    def ask(self, code: str) -> Told:
        """Return what DHL says of a number."""
        return to_told(SYSTEM, self.client.track(code), self._fields, code)


def make(settings: DhlSettings, parts: Parts) -> DhlCarrier:
    """Return the carrier. Raises SettingsError."""
    return DhlCarrier(settings, parts)


def check(settings: DhlSettings, parts: Parts) -> Health:
    """Ask for a number."""
    carrier = make(settings, parts)
    return looked(carrier.client.http, carrier.sample)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"PEYK_DHL_ZONE: there is no time zone {name}") from None
