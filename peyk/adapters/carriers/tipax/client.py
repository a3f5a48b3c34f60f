"""Tipax over HTTP [C]: a token for user, password and key, then one GET a code.

Two flavours are in public clients: `account` (`POST {url}/Account/token` with JSON, answers `accessToken`) and
`gateway` (`POST igtgatewayapi.tipax.ir/Token`, a password grant with the header `APIkey`). Tokens are said to last
about 24 hours.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from peyk.adapters._auth import Auth, BodyAuth, HeaderAuth, TokenAuth
from peyk.adapters._http import Body, Http
from peyk.adapters.carriers._quotes import QuoteSettings
from peyk.adapters.carriers._refusals import said_with_404
from peyk.adapters.carriers._tokens import granted, token_in
from peyk.adapters.carriers._vendor import WITH_CODE
from peyk.adapters.plugin import Parts, settings_config

SYSTEM = "tipax"
TOKEN_NAMES = ("accessToken", "access_token", "token")


class Flavour(StrEnum):
    """How a token is asked for."""

    ACCOUNT = "account"
    GATEWAY = "gateway"


class WeightUnit(StrEnum):
    """What weights are told in."""

    KILOGRAM = "kg"
    GRAM = "g"


class TipaxSettings(QuoteSettings):
    """What the shop's contract with Tipax gives it."""

    model_config = settings_config("TIPAX")

    user: SecretStr = Field(description="the user name of the web service")
    password: SecretStr = Field(description="its password")
    api_key: SecretStr = Field(description="its key")
    url: str = Field(default="https://omapi.tipax.ir/api/OM/v3", description="the address of the web service")
    track_path: str = Field(
        default="/Tracking/BriefTracking/{code}", pattern=WITH_CODE, description="where a code is asked for"
    )
    flavour: Flavour = Field(default=Flavour.ACCOUNT, description="how a token is asked for: account or gateway")
    token_url: str = Field(default="", description="where a token is asked for; empty: what the flavour has")
    token_minutes: int = Field(default=60, ge=2, description="for so long a token is used")
    pace: str = Field(default="2/second", description="how often it may be asked, like `2/second`; empty: no limit")

    pricing_path: str = Field(default="/Pricing", description="where prices are asked for")
    weight_unit: WeightUnit = Field(default=WeightUnit.KILOGRAM, description="what weights are told in there: kg or g")


class _Grant(BodyAuth):
    """The gateway's: the key in a header, the rest in the body."""

    def __init__(self, settings: TipaxSettings) -> None:
        super().__init__(settings.user, settings.password)
        self._key = HeaderAuth(SYSTEM, "APIkey", settings.api_key)

    def secrets(self) -> tuple[str, ...]:
        return (*super().secrets(), *self._key.secrets())

    def __call__(self, request: Any) -> Any:
        return self._key(request)


class TipaxClient:
    """Asks for a token when one is needed, and for codes with it."""

    def __init__(self, settings: TipaxSettings, parts: Parts) -> None:
        """Prepare both connections; nothing is sent. Raises SettingsError."""
        gateway = settings.flavour is Flavour.GATEWAY
        own = "https://igtgatewayapi.tipax.ir/Token" if gateway else f"{settings.url.rstrip('/')}/Account/token"
        address = settings.token_url or own
        self._settings = settings
        self._token_path = urlsplit(address).path
        auth: Auth = _Grant(settings) if gateway else BodyAuth(settings.user, settings.password, settings.api_key)
        # The call that needs a token is the one that is tried again.
        self._tokens = self._http(address.removesuffix(self._token_path), auth, parts, tries=1)
        self.http = self._http(settings.url, TokenAuth(self._token), parts, tries=parts.tries)

    def track(self, code: str) -> Any:
        """Return the answer for a code. Raises what Http does."""
        return said_with_404(lambda: self.http.get(self._settings.track_path.replace("{code}", code)))

    def _token(self) -> tuple[str, timedelta]:
        answer = granted(self._tokens, self._token_path, self._grant())
        return token_in(SYSTEM, answer, TOKEN_NAMES), timedelta(minutes=self._settings.token_minutes)

    def _grant(self) -> Body:
        user, password = self._settings.user.get_secret_value(), self._settings.password.get_secret_value()
        if self._settings.flavour is Flavour.GATEWAY:
            return Body(form={"grant_type": "password", "username": user, "password": password})
        return Body(json={"username": user, "password": password, "apiKey": self._settings.api_key.get_secret_value()})

    @staticmethod
    def _http(url: str, auth: Auth, parts: Parts, tries: int) -> Http:
        return Http(SYSTEM, url, auth, deadline_s=parts.deadline_s, tries=tries, allow_http=parts.allow_http)
