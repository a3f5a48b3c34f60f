"""Postex over HTTP [C]: a public GET a barcode; the business API wants the header `x-api-key`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field, SecretStr

from peyk.adapters._auth import Auth, HeaderAuth
from peyk.adapters._http import Http
from peyk.adapters.carriers._quotes import QuoteSettings
from peyk.adapters.carriers._refusals import said_with_404
from peyk.adapters.carriers._vendor import WITH_CODE
from peyk.adapters.plugin import Parts, settings_config

SYSTEM = "postex"


class Collection(StrEnum):
    """How parcels come to the carrier [D]."""

    PICK_UP = "pick_up"
    TO_THE_CARRIER = "courier_drop_off"
    TO_POSTEX = "postex_drop_off"


class PostexSettings(QuoteSettings):
    """Postex needs nothing; a business key is sent where there is one."""

    model_config = settings_config("POSTEX")

    api_key: SecretStr = Field(default=SecretStr(""), description="the key of the business API, if you have one")
    carrier: str = Field(
        default=SYSTEM, description="the carrier it answers for: `post` where your parcels by Post go through it"
    )
    url: str = Field(default="https://api.postex.ir", description="the address of the API")
    track_path: str = Field(
        default="/api/app/v1/tracking/public/{code}", pattern=WITH_CODE, description="where a barcode is asked for"
    )
    pace: str = Field(default="1/second", description="how often it may be asked, like `1/second`; empty: no limit")
    fresh_minutes: int = Field(
        default=30, ge=0, description="for so long an answer counts as fresh and it is not asked again"
    )

    quotes_path: str = Field(default="/api/v1/shipping/quotes", description="where prices are asked for")
    collection: Collection = Field(
        default=Collection.PICK_UP,
        description="how parcels come to the carrier, in prices: pick_up, courier_drop_off, postex_drop_off",
    )
    box_cm: str = Field(
        default="30x20x15",
        pattern=r"^[1-9]\d{0,2}x[1-9]\d{0,2}x[1-9]\d{0,2}$",
        description="length, width and height of your usual box, in prices",
    )
    box: int = Field(default=0, ge=0, description="Postex's number of that box (`/common/boxes`), in prices")
    value_rial: int = Field(
        default=10_000_000, ge=0, description="what a parcel is worth where the customer has not said it, in prices"
    )


class PostexClient:
    """Asks for barcodes."""

    def __init__(self, settings: PostexSettings, parts: Parts, system: str = "") -> None:
        """Prepare the connection; nothing is sent. Raises SettingsError."""
        self._path = settings.track_path
        has_key = bool(settings.api_key.get_secret_value())
        self.http = Http(
            system or settings.carrier,
            settings.url,
            HeaderAuth(SYSTEM, "x-api-key", settings.api_key) if has_key else Auth(),
            deadline_s=parts.deadline_s,
            tries=parts.tries,
            allow_http=parts.allow_http,
        )

    def track(self, code: str) -> Any:
        """Return the answer for a barcode. Raises what Http does."""
        return said_with_404(lambda: self.http.get(self._path.replace("{code}", code)))
