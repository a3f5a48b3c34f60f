"""Mahex as a carrier."""

from __future__ import annotations

from peyk.adapters.carriers._fields_carrier import Facts, FieldsCarrier
from peyk.adapters.carriers.mahex.client import SYSTEM, MahexClient, MahexSettings
from peyk.adapters.carriers.mahex.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

FACTS = Facts(
    "peyk.adapters.carriers.mahex",
    # Its shape is from memory [K].
    pattern=r"\d{12}",
    page="https://mahex.com/tracking/{code}",
)


class MahexCarrier(FieldsCarrier):
    """Asks `track`: one waybill may be several parcels, each with a state of its own."""

    def __init__(self, settings: MahexSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        super().__init__(SYSTEM, FACTS, settings, parts, MahexClient(settings, parts), to_told)


def make(settings: MahexSettings, parts: Parts) -> MahexCarrier:
    """Return the carrier. Raises SettingsError."""
    return MahexCarrier(settings, parts)


def check(settings: MahexSettings, parts: Parts) -> Health:
    """Ask for a code."""
    return make(settings, parts).health()
