"""Postex as a carrier."""

from __future__ import annotations

from peyk.adapters._check import looked
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.postex.client import PostexClient, PostexSettings
from peyk.adapters.carriers.postex.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

PACKAGE = "peyk.adapters.carriers.postex"
# Its shape is from memory [K].
PATTERN = r"\d{20,24}"
PAGE = "https://postex.ir/tracking?barcode={code}"


class PostexCarrier(VendorCarrier):
    """Asks the tracking anybody may ask."""

    def __init__(self, settings: PostexSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(settings.carrier, PACKAGE, settings.statuses, parts.unknown, persian=True)
        super().__init__(settings.carrier, settings, parts, table, pattern=PATTERN, page=PAGE)
        self._fields = Fields.load(settings.carrier, PACKAGE, settings.fields)
        self.client = PostexClient(settings, parts)

    def ask(self, code: str) -> Told:
        """Return what Postex says of a code."""
        return to_told(self.id, self.client.track(code), self._fields)


def make(settings: PostexSettings, parts: Parts) -> PostexCarrier:
    """Return the carrier. Raises SettingsError."""
    return PostexCarrier(settings, parts)


def check(settings: PostexSettings, parts: Parts) -> Health:
    """Ask for a code."""
    carrier = make(settings, parts)
    return looked(carrier.client.http, carrier.sample, credentials=carrier.client.has_key)
