"""Settings of Iran Post."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from peyk.adapters.carriers._vendor import FieldsSettings
from peyk.adapters.plugin import settings_config


class ServiceKind(StrEnum):
    """Whose web service a shop's contract gives it."""

    OWN = "own"
    COMPANY = "company"
    EBAZAAR = "ebazaar"


class PostSettings(FieldsSettings):
    """Nothing has to be set. Its page is asked slowly, one call at a time, and answers are kept for long."""

    model_config = settings_config("POST")

    url: str = Field(default="https://tracking.post.ir", description="the address of the tracking page")
    contact: str = Field(
        default="", description="a mail or web address of yours, told to the page's people with every call"
    )
    page_names: Path | None = Field(
        default=None, description="your own file of what the page is read by (docs/carriers.md)"
    )
    refused_minutes: int = Field(default=30, ge=1, description="for so long it is left alone once it has refused us")
    pace: str = Field(default="20/minute", description="how often it may be asked, like `20/minute`; empty: no limit")
    fresh_minutes: int = Field(
        default=45, ge=0, description="for so long an answer counts as fresh and it is not asked again"
    )
    at_once: int = Field(default=1, ge=1, description="how many calls may be under way at once")
    service_url: str = Field(
        default="", description="the address of your contract's web service; empty: the page is read"
    )
    service: ServiceKind = Field(
        default=ServiceKind.OWN,
        description="which web service that is: `company` (ecommerceapi.post.ir), `ebazaar` (svc.ebazaar-post.ir), "
        "or `own`, one that answers a GET with JSON",
    )
    service_user: SecretStr = Field(default=SecretStr(""), description="your user name there: company, ebazaar")
    service_password: SecretStr = Field(default=SecretStr(""), description="its password: company, ebazaar")
    service_path: str = Field(
        default="", description="where that service is asked, with {code} but for ebazaar; empty: what is known of it"
    )
    service_header: str = Field(default="x-api-key", description="the header `own` wants its key in")
    service_key: SecretStr = Field(default=SecretStr(""), description="the key of that service: own, company")

    @model_validator(mode="after")
    def _asked_for_a_code(self) -> Self:
        if self.service_path and self.service is not ServiceKind.EBAZAAR and "{code}" not in self.service_path:
            raise ValueError("PEYK_POST_SERVICE_PATH must have a place for the {code}")
        return self
