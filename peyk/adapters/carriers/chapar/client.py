"""Chapar over HTTP [C]: multipart/form-data with one field `input` that holds JSON; user and password in `APP-AUTH`."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field, SecretStr

from peyk.adapters._auth import BasicAuth
from peyk.adapters._http import Body, Http
from peyk.adapters.carriers._vendor import FieldsSettings
from peyk.adapters.plugin import Parts, settings_config

SYSTEM = "chapar"


class ChaparSettings(FieldsSettings):
    """What the shop's contract with Chapar gives it."""

    model_config = settings_config("CHAPAR")

    user: SecretStr = Field(description="the user name of the web service")
    password: SecretStr = Field(description="its password")
    url: str = Field(default="https://api.krch.ir/v1", description="the address; api.chaparnet.com is an older one")
    track_path: str = Field(default="/tracking", description="where a code is asked for")
    language: str = Field(default="fa", description="the language of Chapar's own words: fa or en")
    pace: str = Field(default="2/second", description="how often it may be asked, like `2/second`; empty: no limit")


class ChaparClient:
    """Asks for codes."""

    def __init__(self, settings: ChaparSettings, parts: Parts) -> None:
        """Prepare the connection; nothing is sent. Raises SettingsError."""
        self._settings = settings
        self.http = Http(
            SYSTEM,
            settings.url,
            BasicAuth(settings.user, settings.password, header="APP-AUTH", scheme=""),
            deadline_s=parts.deadline_s,
            tries=parts.tries,
            allow_http=parts.allow_http,
        )

    def track(self, code: str) -> Any:
        """Return the answer for a code. Raises what Http does."""
        asked = json.dumps({"order": {"reference": code, "lang": self._settings.language}})
        # A POST that only reads.
        return self.http.read(
            self.http.send("POST", self._settings.track_path, Body(fields={"input": asked}), safe=True)
        )
