"""Tipax as a carrier."""

from __future__ import annotations

from peyk.adapters._check import looked
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.tipax.client import SYSTEM, TipaxClient, TipaxSettings
from peyk.adapters.carriers.tipax.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

PACKAGE = "peyk.adapters.carriers.tipax"
# Its shape is from memory [K].
PATTERN = r"\d{21}"
# Seen [C], and `?code=`, too.
PAGE = "https://tipaxco.com/tracking?id={code}"


class TipaxCarrier(VendorCarrier):
    """Asks BriefTracking."""

    def __init__(self, settings: TipaxSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(SYSTEM, PACKAGE, settings.statuses, parts.unknown, persian=True)
        super().__init__(SYSTEM, settings, parts, table, pattern=PATTERN, page=PAGE)
        self._fields = Fields.load(SYSTEM, PACKAGE, settings.fields)
        self.client = TipaxClient(settings, parts)

    def ask(self, code: str) -> Told:
        """Return what Tipax says of a code."""
        return to_told(SYSTEM, self.client.track(code), self._fields)


def make(settings: TipaxSettings, parts: Parts) -> TipaxCarrier:
    """Return the carrier. Raises SettingsError."""
    return TipaxCarrier(settings, parts)


def check(settings: TipaxSettings, parts: Parts) -> Health:
    """Fetch a token and ask for a code."""
    carrier = make(settings, parts)
    return looked(carrier.client.http, carrier.sample)
