"""A Magento 2 (Adobe Commerce) shop: its orders, shipments and payments (docs/connect-shops.md)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import Field, SecretStr

from peyk.adapters._auth import Auth, HeaderAuth
from peyk.adapters._check import first_order, looked
from peyk.adapters._http import Http
from peyk.adapters._signed import SignedAuth
from peyk.adapters.orders._tables import ShopTables
from peyk.adapters.orders.magento.adapter import SYSTEM, MagentoFeed
from peyk.adapters.orders.magento.client import MagentoApi
from peyk.adapters.orders.magento.mapping import Rules
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, Shop, SystemKind, settings_config
from peyk.domain.systems import Health
from peyk.errors import SettingsError

__all__ = ["PLUGIN", "MagentoFeed", "MagentoSettings"]

# Since 2.4.4 [D].
BEARER_IS_OFF = (
    "the token is refused. Is it the integration's access token, with the right to Sales? Since Magento 2.4.4 it is "
    "taken alone only after `bin/magento config:set oauth/consumer/enable_integration_as_bearer 1`; "
    "set PEYK_MAGENTO_CONSUMER_KEY and the other secrets of the integration, and requests are signed"
)
SIGNATURE_IS_REFUSED = (
    "the signature is refused. Are all four of the integration's keys and secrets right, has it the right to Sales, "
    "and is the clock of this machine right?"
)


class MagentoSettings(AdapterSettings):
    """What a Magento shop needs."""

    model_config = settings_config("MAGENTO")

    url: str = Field(description="the shop's address, like https://shop.example")
    token: SecretStr = Field(description="the access token of an integration with the right to Sales")
    consumer_key: SecretStr = Field(SecretStr(""), description="its consumer key, where requests are to be signed")
    consumer_secret: SecretStr = Field(SecretStr(""), description="its consumer secret, with the consumer key")
    token_secret: SecretStr = Field(SecretStr(""), description="its access token secret, with the consumer key")
    api: str = Field("/rest/V1", description="where its REST API is; /rest/all/V1 for all store views")
    tables: Path | None = Field(None, description="your own file of states, statuses, carriers, ways to pay")
    carrier: str = Field("", description="who carries where no track says it, like post")
    refund_days: int = Field(7, ge=1, description="how many days a refund takes, as you promise it")
    page_size: int = Field(50, ge=1, le=300, description="orders in one answer")


def _auth(own: MagentoSettings) -> Auth:
    signing = {
        "CONSUMER_KEY": own.consumer_key,
        "CONSUMER_SECRET": own.consumer_secret,
        "TOKEN_SECRET": own.token_secret,
    }
    missing = [name for name, value in signing.items() if not value.get_secret_value()]
    if not missing:
        return SignedAuth(own.consumer_key, own.consumer_secret, own.token, own.token_secret)
    if len(missing) < len(signing):
        raise SettingsError(f"PEYK_MAGENTO_{missing[0]}: must be set, too, where requests are signed")
    return HeaderAuth(SYSTEM, "Authorization", own.token, scheme="Bearer ")


def _feed(own: MagentoSettings, parts: Parts, page_size: int) -> tuple[MagentoFeed, Http, Rules]:
    http = Http(
        SYSTEM,
        f"{own.url.rstrip('/')}/{own.api.strip('/')}",
        _auth(own),
        deadline_s=parts.deadline_s,
        tries=parts.tries,
        allow_http=parts.allow_http,
    )
    tables = ShopTables.load(SYSTEM, __name__, own.tables, parts.unknown)
    rules = Rules.of(SYSTEM, tables, parts.unknown, own.carrier, own.refund_days)
    return MagentoFeed(MagentoApi(http), rules, parts.clock, page_size), http, rules


def _make(own: MagentoSettings, parts: Parts) -> Shop:
    feed, _, rules = _feed(own, parts, own.page_size)
    written = repr((str(rules.tables), own.carrier, own.refund_days))
    return Shop(feed=feed, address=f"{own.url.rstrip('/')}/{own.api.strip('/')}", rules=written)


def _check(own: MagentoSettings, parts: Parts) -> Health:
    feed, http, _ = _feed(own, parts, 1)

    health = looked(http, lambda: first_order(feed), example=False)
    if health.credentials is False:
        signs = own.consumer_key.get_secret_value()
        return replace(health, advice=SIGNATURE_IS_REFUSED if signs else BEARER_IS_OFF)
    return health


PLUGIN = Plugin(SYSTEM, SystemKind.SHOP, "Magento 2, REST", MagentoSettings, _make, _check)
