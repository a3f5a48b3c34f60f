"""sms.ir: codes by its verify service."""

from __future__ import annotations

from pydantic import Field, SecretStr

from peyk.adapters._check import looked
from peyk.adapters.messaging.smsir.adapter import SmsIrSender
from peyk.adapters.messaging.smsir.client import SmsIrApi
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, SystemKind, settings_config
from peyk.domain.systems import Health


class SmsIrSettings(AdapterSettings):
    """What sms.ir needs."""

    model_config = settings_config("SMSIR")

    key: SecretStr = Field(description="the API key (X-API-KEY)")
    template: int = Field(ge=1, description="the number of the approved template")
    template_en: int = Field(default=0, ge=0, description="the template for customers who write English")
    parameter: str = Field(default="CODE", description="the name of the code in the template")
    url: str = Field(default="https://api.sms.ir/v1", description="another address of the service")
    cost_rial: int | None = Field(default=None, ge=0, description="price of a message in rial")


def _api(settings: SmsIrSettings, parts: Parts) -> SmsIrApi:
    return SmsIrApi(settings.url, settings.key, deadline_s=parts.deadline_s, allow_http=parts.allow_http)


def _make(settings: SmsIrSettings, parts: Parts) -> SmsIrSender:
    templates = {"fa": settings.template, "en": settings.template_en or settings.template}
    return SmsIrSender(_api(settings, parts), templates, settings.parameter, settings.cost_rial)


def _check(settings: SmsIrSettings, parts: Parts) -> Health:
    api = _api(settings, parts)
    return looked(api, lambda: f"credit {api.credit():g} messages")


PLUGIN = Plugin("smsir", SystemKind.SMS, "one-time codes by sms.ir's verify", SmsIrSettings, _make, _check)
