"""Tipax as a carrier."""

from __future__ import annotations

from peyk.adapters.carriers._fields_carrier import Facts, FieldsCarrier
from peyk.adapters.carriers.tipax.client import SYSTEM, TipaxClient, TipaxSettings
from peyk.adapters.carriers.tipax.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

FACTS = Facts(
    "peyk.adapters.carriers.tipax",
    # Its shape is from memory [K].
    pattern=r"\d{21}",
    # Seen [C], and `?code=`, too.
    page="https://tipaxco.com/tracking?id={code}",
)


class TipaxCarrier(FieldsCarrier):
    """Asks BriefTracking."""

    def __init__(self, settings: TipaxSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        super().__init__(SYSTEM, FACTS, settings, parts, TipaxClient(settings, parts), to_told)


def make(settings: TipaxSettings, parts: Parts) -> TipaxCarrier:
    """Return the carrier. Raises SettingsError."""
    return TipaxCarrier(settings, parts)


def check(settings: TipaxSettings, parts: Parts) -> Health:
    """Fetch a token and ask for a code."""
    return make(settings, parts).health()
