"""Mahex as a carrier."""

from __future__ import annotations

from peyk.adapters._check import looked
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.mahex.client import SYSTEM, MahexClient, MahexSettings
from peyk.adapters.carriers.mahex.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

PACKAGE = "peyk.adapters.carriers.mahex"
# Its shape is from memory [K].
PATTERN = r"\d{12}"
PAGE = "https://mahex.com/tracking/{code}"


class MahexCarrier(VendorCarrier):
    """Asks `track`: one waybill may be several parcels, each with a state of its own."""

    def __init__(self, settings: MahexSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(SYSTEM, PACKAGE, settings.statuses, parts.unknown, persian=True)
        super().__init__(SYSTEM, settings, parts, table, pattern=PATTERN, page=PAGE)
        self._fields = Fields.load(SYSTEM, PACKAGE, settings.fields)
        self.client = MahexClient(settings, parts)

    def ask(self, code: str) -> Told:
        """Return what Mahex says of a code."""
        return to_told(SYSTEM, self.client.track(code), self._fields)


def make(settings: MahexSettings, parts: Parts) -> MahexCarrier:
    """Return the carrier. Raises SettingsError."""
    return MahexCarrier(settings, parts)


def check(settings: MahexSettings, parts: Parts) -> Health:
    """Ask for a code."""
    carrier = make(settings, parts)
    return looked(carrier.client.http, carrier.sample)
