"""17TRACK's API over HTTP: every call a POST of a list (of one code here, of 40 at most [C]), 3 calls a second [C].

A code is asked for first, and registered only when 17TRACK does not have it: that is what uses up the quota, once for
a code whoever registers it, and to be told "registered already" costs nothing [C]. So both calls may be made again.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._http import Http
from peyk.adapters._pace import Pace, UsedUp, patience_s
from peyk.adapters.carriers._vendor import FieldsSettings
from peyk.adapters.carriers.seventeentrack.mapping import accepted, data_of, quota_left, was_registered
from peyk.adapters.plugin import Parts, settings_config

# It answers for carriers, and is called so where no other name is set.
NAME = "17track"


class SeventeenTrackSettings(FieldsSettings):
    """A key of 17TRACK's API, and what it may be used for."""

    model_config = settings_config("17TRACK")

    api_key: SecretStr = Field(description="the security key of the API")
    carrier: str = Field(default=NAME, description="the carrier it answers for: `post` where no other adapter does")
    carrier_code: int | None = Field(
        default=None, description="17TRACK's number of the carrier of your parcels, where it cannot tell by the code"
    )
    url: str = Field(
        default="https://api.17track.net/track/v2.4", description="the address of the API, with its version"
    )
    registrations: str = Field(
        default="100/day", description="how many new codes may be registered, like `100/day`; empty: no limit"
    )
    pace: str = Field(default="3/second", description="how many calls may be made, like `3/second`")
    fresh_minutes: int = Field(
        default=30, ge=0, description="for so long an answer counts as fresh and it is not asked again"
    )


class SeventeenTrackClient:
    """Registers codes, asks for them, and for the quota that is left."""

    def __init__(self, settings: SeventeenTrackSettings, parts: Parts) -> None:
        """Prepare the connection; nothing is sent. Raises SettingsError."""
        self._system = settings.carrier
        self._carrier_code = settings.carrier_code
        # A code may take several calls, so they are counted here, beside the codes that are counted outside.
        redis_url, limiter, wait_s = parts.redis_url, parts.limiter, patience_s(parts.deadline_s)
        self._calls = Pace(NAME, settings.pace, redis_url, what="calls", limiter=limiter, wait_s=wait_s)
        self._registrations = Pace(NAME, settings.registrations, redis_url, what="registrations", limiter=limiter)
        self.http = Http(
            settings.carrier,
            settings.url,
            HeaderAuth(NAME, "17token", settings.api_key),
            deadline_s=parts.deadline_s,
            tries=parts.tries,
            allow_http=parts.allow_http,
        )

    def infos(self, code: str) -> list[dict[str, Any]] | None:
        """Return what is known of a code (of several carriers, perhaps); None where it is not registered."""
        return accepted(self._system, self._call("/gettrackinfo", code), code)

    def register(self, code: str) -> bool:
        """Register a code; tell whether it was new. Raises RateLimited where no more may be registered."""
        self._take(self._registrations)
        return was_registered(self._system, self._call("/register", code), code)

    def quota_left(self) -> int | None:
        """Return how many codes may still be registered; None when 17TRACK does not say."""
        return quota_left(data_of(self._system, self._post("/getquota", [])))

    def _call(self, path: str, code: str) -> dict[str, Any]:
        asked: dict[str, Any] = {"number": code}
        if self._carrier_code is not None:
            asked["carrier"] = self._carrier_code
        return data_of(self._system, self._post(path, [asked]))

    def _post(self, path: str, body: list[Any]) -> Any:
        self._take(self._calls)
        return self.http.call("POST", path, body, safe=True)

    def _take(self, pace: Pace) -> None:
        try:
            pace.take()
        except UsedUp as exc:
            exc.system = self._system
            raise
