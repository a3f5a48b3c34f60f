"""Settings of Iran Post."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from peyk.adapters.carriers._vendor import WITH_CODE, FieldsSettings
from peyk.adapters.plugin import settings_config


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
    service_path: str = Field(
        default="/{code}", pattern=WITH_CODE, description="where that service is asked for a code"
    )
    service_header: str = Field(default="x-api-key", description="the header that service wants its key in")
    service_key: SecretStr = Field(default=SecretStr(""), description="the key of that service")
