"""FedEx as a carrier.

A label that was only printed has a result of its own (`OC`); "not found" may still be a label too new to be known, or
a parcel older than FedEx remembers (about 90 days [C]), and the answer does not say which.
"""

from __future__ import annotations

from peyk.adapters.carriers._fields_carrier import Facts, FieldsCarrier
from peyk.adapters.carriers._moments import UTC_ZONE
from peyk.adapters.carriers.fedex.client import SYSTEM, FedexClient, FedexSettings
from peyk.adapters.carriers.fedex.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

FACTS = Facts(
    "peyk.adapters.carriers.fedex",
    # Express, Ground, and Ground's longer labels; from memory [K].
    pattern=r"\d{12}|\d{15}|\d{20}",
    page="https://www.fedex.com/fedextrack/?trknbr={code}",
    # Scans name their zone [D]; promised days may not.
    zone=UTC_ZONE,
    persian=False,
)


class FedexCarrier(FieldsCarrier):
    """Asks for numbers."""

    def __init__(self, settings: FedexSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        super().__init__(SYSTEM, FACTS, settings, parts, FedexClient(settings, parts), to_told)


def make(settings: FedexSettings, parts: Parts) -> FedexCarrier:
    """Return the carrier. Raises SettingsError."""
    return FedexCarrier(settings, parts)


def check(settings: FedexSettings, parts: Parts) -> Health:
    """Fetch a token and ask for a number."""
    return make(settings, parts).health()
