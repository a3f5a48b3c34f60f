"""Chapar as a carrier."""

from __future__ import annotations

from peyk.adapters.carriers._fields_carrier import Facts, FieldsCarrier
from peyk.adapters.carriers.chapar.client import SYSTEM, ChaparClient, ChaparSettings
from peyk.adapters.carriers.chapar.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

FACTS = Facts(
    "peyk.adapters.carriers.chapar",
    # Its shape is from memory [K].
    pattern=r"\d{14}",
    # Seen [C]; chapar.io/tracking/ is in use, too.
    page="https://chaparnet.com/track/{code}",
)


class ChaparCarrier(FieldsCarrier):
    """Asks `tracking`."""

    def __init__(self, settings: ChaparSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        super().__init__(SYSTEM, FACTS, settings, parts, ChaparClient(settings, parts), to_told)


def make(settings: ChaparSettings, parts: Parts) -> ChaparCarrier:
    """Return the carrier. Raises SettingsError."""
    return ChaparCarrier(settings, parts)


def check(settings: ChaparSettings, parts: Parts) -> Health:
    """Ask for a code."""
    return make(settings, parts).health()
