"""A Vendure shop: its orders, fulfilments and payments (docs/connect-shops.md)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from peyk.adapters._check import first_order, looked
from peyk.adapters._http import Http
from peyk.adapters.orders._tables import ShopTables
from peyk.adapters.orders.vendure.adapter import SYSTEM, VendureFeed
from peyk.adapters.orders.vendure.client import VendureApi, log_in
from peyk.adapters.orders.vendure.mapping import Rules
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, Shop, SystemKind, settings_config
from peyk.domain.systems import Health

__all__ = ["PLUGIN", "VendureFeed", "VendureSettings"]


class VendureSettings(AdapterSettings):
    """What a Vendure shop needs."""

    model_config = settings_config("VENDURE")

    url: str = Field(description="its Admin API, like https://shop.example/admin-api")
    user: SecretStr = Field(description="the log-in of an administrator whose role has ReadOrder alone")
    password: SecretStr = Field(description="its password")
    channel: str = Field("", description="the channel's token, where it is not the default channel")
    tables: Path | None = Field(None, description="your own file of states, currencies, carriers")
    carrier: str = Field("", description="who carries where no fulfilment says it, like post")
    refund_days: int = Field(7, ge=1, description="how many days a refund takes, as you promise it")
    page_size: int = Field(50, ge=1, le=100, description="orders in one answer")


def _feed(own: VendureSettings, parts: Parts, page_size: int) -> tuple[VendureFeed, Http, Rules]:
    headers = {"vendure-token": own.channel} if own.channel else None
    door = Http(
        SYSTEM,
        own.url,
        deadline_s=parts.deadline_s,
        tries=parts.tries,
        allow_http=parts.allow_http,
        # It stands in the body, and a refusal may quote it all the same.
        base_secret=own.password.get_secret_value(),
    )
    auth = log_in(door, own.user, own.password)
    http = Http(
        SYSTEM,
        own.url,
        auth,
        deadline_s=parts.deadline_s,
        tries=parts.tries,
        allow_http=parts.allow_http,
        headers=headers,
    )
    tables = ShopTables.load(SYSTEM, __name__, own.tables, parts.unknown)
    rules = Rules(tables, own.carrier, own.refund_days)
    return VendureFeed(VendureApi(http, auth), rules, parts.clock, page_size), http, rules


def _make(own: VendureSettings, parts: Parts) -> Shop:
    feed, _, rules = _feed(own, parts, own.page_size)
    written = repr((str(rules.tables), own.carrier, own.refund_days))
    return Shop(feed=feed, address=f"{own.url.rstrip('/')} {own.channel}", rules=written)


def _check(own: VendureSettings, parts: Parts) -> Health:
    feed, http, _ = _feed(own, parts, 1)

    return looked(http, lambda: first_order(feed), example=False)


PLUGIN = Plugin(SYSTEM, SystemKind.SHOP, "Vendure, Admin API", VendureSettings, _make, _check)
