"""A Magento 2 (Adobe Commerce) shop: its orders, shipments and payments (docs/connect-shops.md)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import Field, SecretStr

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._check import first_order, looked
from peyk.adapters._http import Http
from peyk.adapters.orders._tables import ShopTables
from peyk.adapters.orders.magento.adapter import SYSTEM, MagentoFeed
from peyk.adapters.orders.magento.client import MagentoApi
from peyk.adapters.orders.magento.mapping import Rules
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, Shop, SystemKind, settings_config
from peyk.domain.systems import Health

__all__ = ["PLUGIN", "MagentoFeed", "MagentoSettings"]

# Since 2.4.4 [D]; OAuth 1.0a, the other way, is not spoken here.
BEARER_IS_OFF = (
    "the token is refused. Is it the integration's access token, with the right to Sales? Since Magento 2.4.4 it is "
    "taken as a bearer token only after `bin/magento config:set oauth/consumer/enable_integration_as_bearer 1`"
)


class MagentoSettings(AdapterSettings):
    """What a Magento shop needs."""

    model_config = settings_config("MAGENTO")

    url: str = Field(description="the shop's address, like https://shop.example")
    token: SecretStr = Field(description="the access token of an integration with the right to Sales")
    api: str = Field("/rest/V1", description="where its REST API is; /rest/all/V1 for all store views")
    tables: Path | None = Field(None, description="your own file of states, statuses, carriers, ways to pay")
    carrier: str = Field("", description="who carries where no track says it, like post")
    refund_days: int = Field(7, ge=1, description="how many days a refund takes, as you promise it")
    page_size: int = Field(50, ge=1, le=300, description="orders in one answer")


def _feed(own: MagentoSettings, parts: Parts, page_size: int) -> tuple[MagentoFeed, Http, Rules]:
    http = Http(
        SYSTEM,
        f"{own.url.rstrip('/')}/{own.api.strip('/')}",
        HeaderAuth(SYSTEM, "Authorization", own.token, scheme="Bearer "),
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
    return replace(health, advice=BEARER_IS_OFF) if health.credentials is False else health


PLUGIN = Plugin(SYSTEM, SystemKind.SHOP, "Magento 2, REST", MagentoSettings, _make, _check)
