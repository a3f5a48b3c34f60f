"""Chapar as a carrier."""

from __future__ import annotations

from peyk.adapters._check import looked
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.chapar.client import SYSTEM, ChaparClient, ChaparSettings
from peyk.adapters.carriers.chapar.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

PACKAGE = "peyk.adapters.carriers.chapar"
# Its shape is from memory [K].
PATTERN = r"\d{14}"
# Seen [C]; chapar.io/tracking/ is in use, too.
PAGE = "https://chaparnet.com/track/{code}"


class ChaparCarrier(VendorCarrier):
    """Asks `tracking`."""

    def __init__(self, settings: ChaparSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(SYSTEM, PACKAGE, settings.statuses, parts.unknown, persian=True)
        super().__init__(SYSTEM, settings, parts, table, pattern=PATTERN, page=PAGE)
        self._fields = Fields.load(SYSTEM, PACKAGE, settings.fields)
        self.client = ChaparClient(settings, parts)

    def ask(self, code: str) -> Told:
        """Return what Chapar says of a code."""
        return to_told(SYSTEM, self.client.track(code), self._fields)


def make(settings: ChaparSettings, parts: Parts) -> ChaparCarrier:
    """Return the carrier. Raises SettingsError."""
    return ChaparCarrier(settings, parts)


def check(settings: ChaparSettings, parts: Parts) -> Health:
    """Ask for a code."""
    carrier = make(settings, parts)
    return looked(carrier.client.http, carrier.sample)
