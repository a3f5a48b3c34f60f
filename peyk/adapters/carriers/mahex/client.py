"""Mahex over HTTP [C]: the key as the user of HTTP Basic, with an empty password; one GET a waybill.

Public clients call plain http. A key does not travel that way here unless PEYK_SYSTEMS_ALLOW_HTTP says so.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr

from peyk.adapters._auth import BasicAuth
from peyk.adapters._http import Http
from peyk.adapters.carriers._vendor import WITH_CODE, FieldsSettings
from peyk.adapters.plugin import Parts, settings_config

SYSTEM = "mahex"


class MahexSettings(FieldsSettings):
    """What the shop's contract with Mahex gives it."""

    model_config = settings_config("MAHEX")

    api_key: SecretStr = Field(description="the key of the web service")
    url: str = Field(default="https://api.mahex.com/v2", description="the address of the web service")
    track_path: str = Field(default="/track/{code}", pattern=WITH_CODE, description="where a waybill is asked for")
    pace: str = Field(default="2/second", description="how often it may be asked, like `2/second`; empty: no limit")


class MahexClient:
    """Asks for waybills."""

    def __init__(self, settings: MahexSettings, parts: Parts) -> None:
        """Prepare the connection; nothing is sent. Raises SettingsError."""
        self._path = settings.track_path
        self.http = Http(
            SYSTEM,
            settings.url,
            BasicAuth(settings.api_key, SecretStr("")),
            deadline_s=parts.deadline_s,
            tries=parts.tries,
            allow_http=parts.allow_http,
        )

    def track(self, code: str) -> Any:
        """Return the answer for a waybill. Raises what Http does."""
        return self.http.get(self._path.replace("{code}", code))
