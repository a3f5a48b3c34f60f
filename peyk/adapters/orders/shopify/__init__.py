"""A Shopify shop: its orders, payments and webhooks (docs/connect-shops.md)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import Field, SecretStr

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._check import first_order, looked
from peyk.adapters._http import Http
from peyk.adapters.orders._tables import ShopTables
from peyk.adapters.orders.shopify.adapter import SYSTEM, ShopifyFeed
from peyk.adapters.orders.shopify.client import ShopifyApi
from peyk.adapters.orders.shopify.mapping import Rules
from peyk.adapters.orders.shopify.webhooks import ShopifyWebhooks
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, Shop, SystemKind, settings_config
from peyk.domain.systems import Health

__all__ = ["PLUGIN", "ShopifyFeed", "ShopifySettings", "ShopifyWebhooks"]


class ShopifySettings(AdapterSettings):
    """What a Shopify shop needs."""

    model_config = settings_config("SHOPIFY")

    url: str = Field(description="the shop's own address, like https://my-shop.myshopify.com")
    token: SecretStr = Field(description="the app's Admin API access token, with read_orders")
    client_secret: SecretStr = Field(SecretStr(""), description="the app's client secret, which signs webhooks")
    client_secret_old: SecretStr = Field(SecretStr(""), description="the one before: both are good for an hour")
    version: str = Field("2025-10", description="the version of the Admin API")
    tables: Path | None = Field(None, description="your own file of statuses, ways to pay, carriers")
    carrier: str = Field("", description="who carries where no fulfilment says it, like dhl")
    refund_days: int = Field(7, ge=1, description="how many days a refund takes, as you promise it")
    page_size: int = Field(25, ge=1, le=250, description="orders in one answer; a query that is too dear is halved")


def _http(own: ShopifySettings, parts: Parts) -> Http:
    return Http(
        SYSTEM,
        own.url,
        HeaderAuth(SYSTEM, "X-Shopify-Access-Token", own.token),
        deadline_s=parts.deadline_s,
        tries=parts.tries,
        allow_http=parts.allow_http,
    )


def _rules(own: ShopifySettings, parts: Parts) -> Rules:
    tables = ShopTables.load(SYSTEM, __name__, own.tables, parts.unknown)
    return Rules.of(SYSTEM, tables, parts.unknown, own.carrier, own.refund_days)


def _make(own: ShopifySettings, parts: Parts) -> Shop:
    rules = _rules(own, parts)
    secrets = [own.client_secret, own.client_secret_old]
    signed = any(each.get_secret_value() for each in secrets)
    return Shop(
        feed=ShopifyFeed(ShopifyApi(_http(own, parts), own.version), rules, parts.clock, own.page_size),
        webhooks=ShopifyWebhooks(SYSTEM, secrets, rules) if signed else None,
        address=own.url.rstrip("/"),
        rules=repr((str(rules.tables), own.carrier, own.refund_days)),
    )


def _check(own: ShopifySettings, parts: Parts) -> Health:
    http = _http(own, parts)
    api = ShopifyApi(http, own.version)
    feed = ShopifyFeed(api, _rules(own, parts), parts.clock, 1)

    def call() -> str:
        sample = first_order(feed)
        # Shopify shows an app the last 60 days unless it was granted more [D]; the rest is neither found nor refused.
        return sample if feed.sees_all() else f"{sample} (of the last 60 days: the app has no read_all_orders)"

    return replace(looked(http, call, example=False), quota=api.points)


PLUGIN = Plugin(SYSTEM, SystemKind.SHOP, "Shopify, Admin GraphQL", ShopifySettings, _make, _check)
