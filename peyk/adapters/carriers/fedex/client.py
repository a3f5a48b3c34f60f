"""FedEx's Track API over HTTP [D]: a token for the project's key and secret, then one POST a number, which only reads.

Limits [D]: 10,000 calls a day, 1,400 in 10 seconds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import Field, SecretStr

from peyk.adapters._auth import Auth, BodyAuth, TokenAuth
from peyk.adapters._http import Body, Http
from peyk.adapters.carriers._tokens import granted, token_in
from peyk.adapters.carriers._vendor import FieldsSettings
from peyk.adapters.plugin import Parts, settings_config

SYSTEM = "fedex"
# From memory [K], for where the answer does not say.
TOKEN_LASTS_S = 3600
TOKEN_NAMES = ("access_token",)


class FedexSettings(FieldsSettings):
    """A project of developer.fedex.com that has the Track API."""

    model_config = settings_config("FEDEX")

    client_id: SecretStr = Field(description="the API key of the project")
    client_secret: SecretStr = Field(description="its secret key")
    url: str = Field(
        default="https://apis.fedex.com", description="the address; the sandbox is https://apis-sandbox.fedex.com"
    )
    token_path: str = Field(default="/oauth/token", description="where a token is asked for")
    track_path: str = Field(default="/track/v1/trackingnumbers", description="where a number is asked for")
    pace: str = Field(
        default="1400/10 second; 10000/day", description="how often it may be asked, like `100/second; 10000/day`"
    )
    fresh_minutes: int = Field(
        default=30, ge=0, description="for so long an answer counts as fresh and it is not asked again"
    )


class FedexClient:
    """Asks for a token when one is needed, and for numbers with it."""

    def __init__(self, settings: FedexSettings, parts: Parts) -> None:
        """Prepare both connections; nothing is sent. Raises SettingsError."""
        self._settings = settings
        # The call that needs a token is the one that is tried again.
        self._tokens = self._http(BodyAuth(settings.client_id, settings.client_secret), parts, tries=1)
        self.http = self._http(TokenAuth(self._token), parts, tries=parts.tries)

    def track(self, code: str) -> Any:
        """Return the answer for a number. Raises what Http does."""
        asked = {
            "includeDetailedScans": True,
            "trackingInfo": [{"trackingNumberInfo": {"trackingNumber": code}}],
        }
        return self.http.call("POST", self._settings.track_path, asked, safe=True)

    def _token(self) -> tuple[str, timedelta]:
        answer = granted(self._tokens, self._settings.token_path, self._grant())
        lasts_s = answer.get("expires_in", TOKEN_LASTS_S)
        known = isinstance(lasts_s, int) and 0 < lasts_s <= 24 * TOKEN_LASTS_S
        return token_in(SYSTEM, answer, TOKEN_NAMES), timedelta(seconds=lasts_s if known else TOKEN_LASTS_S)

    def _grant(self) -> Body:
        return Body(
            form={
                "grant_type": "client_credentials",
                "client_id": self._settings.client_id.get_secret_value(),
                "client_secret": self._settings.client_secret.get_secret_value(),
            }
        )

    def _http(self, auth: Auth, parts: Parts, tries: int) -> Http:
        return Http(
            SYSTEM,
            self._settings.url,
            auth,
            deadline_s=parts.deadline_s,
            tries=tries,
            allow_http=parts.allow_http,
            headers={"x-locale": "en_US"},
        )
