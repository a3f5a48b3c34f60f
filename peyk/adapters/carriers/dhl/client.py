"""DHL's Shipment Tracking – Unified over HTTP [D]: one GET a number, the key in the header `DHL-API-Key`.

A key may ask once in 5 seconds and 250 times a day until DHL raises it [C]; so a call is never tried twice.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._http import Http
from peyk.adapters.carriers._vendor import FieldsSettings
from peyk.adapters.plugin import Parts, settings_config

SYSTEM = "dhl"


class DhlSettings(FieldsSettings):
    """A key of developer.dhl.com."""

    model_config = settings_config("DHL")

    api_key: SecretStr = Field(description="the key of `Shipment Tracking - Unified`")
    url: str = Field(default="https://api-eu.dhl.com", description="the address of the API")
    track_path: str = Field(default="/track/shipments", description="where a number is asked for")
    service: str = Field(
        default="", description="the one service your parcels go by, like `express`; empty: DHL looks in all"
    )
    recipient_postal_code: str = Field(
        default="", description="the postal code of the recipient, where all parcels go to one"
    )
    zone: str = Field(default="UTC", description="the time zone of moments that DHL gives without one")
    pace: str = Field(
        default="1/5 second; 250/day", description="how often it may be asked, like `1/5 second; 250/day`"
    )
    fresh_minutes: int = Field(
        default=180, ge=0, description="for so long an answer counts as fresh and it is not asked again"
    )


class DhlClient:
    """Asks for numbers."""

    def __init__(self, settings: DhlSettings, parts: Parts) -> None:
        """Prepare the connection; nothing is sent. Raises SettingsError."""
        self._path = settings.track_path
        wanted = {"service": settings.service, "recipientPostalCode": settings.recipient_postal_code}
        self._params = {"language": "en", **{name: value for name, value in wanted.items() if value}}
        self.http = Http(
            SYSTEM,
            settings.url,
            HeaderAuth(SYSTEM, "DHL-API-Key", settings.api_key),
            deadline_s=parts.deadline_s,
            allow_http=parts.allow_http,
            knows_404=True,
        )

    def track(self, code: str) -> Any:
        """Return the answer for a number. Raises what Http does."""
        return self.http.get(self._path, {"trackingNumber": code, **self._params})
