"""Zarinpal: what it says of a payment. It is asked, never told: verifying is the shop's own act."""

from __future__ import annotations

from pydantic import Field, SecretStr

from peyk.adapters._check import looked
from peyk.adapters.payments.zarinpal.adapter import ZarinpalInquiry
from peyk.adapters.payments.zarinpal.client import ZarinpalApi
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, SystemKind, settings_config
from peyk.domain.systems import Health

# Of the right shape and nobody's: a gateway that takes the merchant says that it does not know it.
NOBODYS = "A" + "0" * 35


class ZarinpalSettings(AdapterSettings):
    """What Zarinpal needs."""

    model_config = settings_config("ZARINPAL")

    merchant: SecretStr = Field(description="the merchant id, 36 characters")
    url: str = Field(default="https://payment.zarinpal.com/pg/v4/payment", description="another address of the gateway")


def _api(settings: ZarinpalSettings, parts: Parts) -> ZarinpalApi:
    return ZarinpalApi(
        settings.url,
        settings.merchant,
        deadline_s=parts.deadline_s,
        tries=parts.tries,
        allow_http=parts.allow_http,
    )


def _make(settings: ZarinpalSettings, parts: Parts) -> ZarinpalInquiry:
    return ZarinpalInquiry(_api(settings, parts))


def _check(settings: ZarinpalSettings, parts: Parts) -> Health:
    api = _api(settings, parts)
    return looked(api, lambda: f"a payment in state {api.inquiry(NOBODYS)}")


PLUGIN = Plugin("zarinpal", SystemKind.PAYMENTS, "the state of payments, by inquiry", ZarinpalSettings, _make, _check)
