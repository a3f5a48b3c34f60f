"""Kavenegar: codes by its lookup service, which also reaches phones that block advertising [K]."""

from __future__ import annotations

from pydantic import Field, SecretStr

from peyk.adapters._check import looked
from peyk.adapters.messaging.kavenegar.adapter import KavenegarSender
from peyk.adapters.messaging.kavenegar.client import KavenegarApi
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, SystemKind, settings_config
from peyk.domain.systems import Health


class KavenegarSettings(AdapterSettings):
    """What Kavenegar needs."""

    model_config = settings_config("KAVENEGAR")

    key: SecretStr = Field(description="the API key of the account")
    template: str = Field(description="the approved template; its token is the code")
    template_en: str = Field(default="", description="the template for customers who write English")
    url: str = Field(default="https://api.kavenegar.com/v1", description="another address of the service")
    cost_rial: int | None = Field(
        default=None, ge=0, description="price of a message in rial, where Kavenegar does not say"
    )


def _api(settings: KavenegarSettings, parts: Parts) -> KavenegarApi:
    return KavenegarApi(settings.url, settings.key, deadline_s=parts.deadline_s, allow_http=parts.allow_http)


def _make(settings: KavenegarSettings, parts: Parts) -> KavenegarSender:
    templates = {"fa": settings.template, "en": settings.template_en or settings.template}
    return KavenegarSender(_api(settings, parts), templates, settings.cost_rial)


def _check(settings: KavenegarSettings, parts: Parts) -> Health:
    api = _api(settings, parts)
    return looked(api, lambda: f"credit {api.credit()} rial")


PLUGIN = Plugin("kavenegar", SystemKind.SMS, "one-time codes by Kavenegar's lookup", KavenegarSettings, _make, _check)
