"""Postex as a carrier."""

from __future__ import annotations

from peyk.adapters.carriers._fields_carrier import Facts, FieldsCarrier
from peyk.adapters.carriers.postex.client import PostexClient, PostexSettings
from peyk.adapters.carriers.postex.mapping import to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

FACTS = Facts(
    "peyk.adapters.carriers.postex",
    # Its shape is from memory [K].
    pattern=r"\d{20,24}",
    page="https://postex.ir/tracking?barcode={code}",
)


class PostexCarrier(FieldsCarrier):
    """Asks the tracking anybody may ask."""

    def __init__(self, settings: PostexSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        super().__init__(settings.carrier, FACTS, settings, parts, PostexClient(settings, parts), to_told)


def make(settings: PostexSettings, parts: Parts) -> PostexCarrier:
    """Return the carrier. Raises SettingsError."""
    return PostexCarrier(settings, parts)


def check(settings: PostexSettings, parts: Parts) -> Health:
    """Ask for a code."""
    return make(settings, parts).health(credentials=bool(settings.api_key.get_secret_value()))
