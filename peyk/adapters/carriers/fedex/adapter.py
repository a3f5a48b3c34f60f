"""FedEx as a carrier.

A label that was only printed has a result of its own (`OC`); "not found" may still be a label too new to be known, or
a parcel older than FedEx remembers (about 90 days [C]), and the answer does not say which.
"""

from __future__ import annotations

from peyk.adapters._check import looked
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._moments import UTC_ZONE
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.fedex.client import SYSTEM, FedexClient, FedexSettings
from peyk.adapters.carriers.fedex.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

PACKAGE = "peyk.adapters.carriers.fedex"
# Express, Ground, and Ground's longer labels; from memory [K].
PATTERN = r"\d{12}|\d{15}|\d{20}"
PAGE = "https://www.fedex.com/fedextrack/?trknbr={code}"


class FedexCarrier(VendorCarrier):
    """Asks for numbers."""

    def __init__(self, settings: FedexSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(SYSTEM, PACKAGE, settings.statuses, parts.unknown)
        super().__init__(SYSTEM, settings, parts, table, pattern=PATTERN, page=PAGE)
        # Scans name their zone [D]; promised days may not.
        self._fields = Fields.load(SYSTEM, PACKAGE, settings.fields, UTC_ZONE)
        self.client = FedexClient(settings, parts)

    def ask(self, code: str) -> Told:
        """Return what FedEx says of a number."""
        return to_told(SYSTEM, self.client.track(code), self._fields)


def make(settings: FedexSettings, parts: Parts) -> FedexCarrier:
    """Return the carrier. Raises SettingsError."""
    return FedexCarrier(settings, parts)


def check(settings: FedexSettings, parts: Parts) -> Health:
    """Fetch a token and ask for a number."""
    carrier = make(settings, parts)
    return looked(carrier.client.http, carrier.sample)
