"""A WooCommerce shop: its orders, payments, shipping zones and webhooks (docs/connect.md)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from peyk.adapters._auth import Auth, BasicAuth, QueryAuth
from peyk.adapters._check import first_order, looked
from peyk.adapters._http import Http
from peyk.adapters._signed import SignedAuth
from peyk.adapters.orders._tables import ShopTables
from peyk.adapters.orders.woocommerce.adapter import SYSTEM, WooCommerceFeed, WooCommerceWebhooks
from peyk.adapters.orders.woocommerce.client import WooCommerceApi
from peyk.adapters.orders.woocommerce.keys import FileAuth, KeysFile
from peyk.adapters.orders.woocommerce.mapping import Rules
from peyk.adapters.orders.woocommerce.storefront import WooCommerceStorefront
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, Shop, SystemKind, settings_config
from peyk.domain.systems import Health

__all__ = ["PLUGIN", "WooCommerceFeed", "WooCommerceSettings", "WooCommerceWebhooks"]

API = "/wp-json/wc/v3"
# It takes keys only where it sees https itself (class-wc-rest-authentication.php [D]).
REFUSED = {
    "header": "the key is refused. If it is right, the host drops the header, or the shop sees plain http behind its "
    "proxy: try PEYK_WOOCOMMERCE_AUTH=query, then oauth",
    "query": "the key is refused. If it is right, the shop sees plain http behind its proxy: "
    "PEYK_WOOCOMMERCE_AUTH=oauth",
    "oauth": "the signature is refused. Is the key right, PEYK_WOOCOMMERCE_URL the Site Address of WordPress to the "
    "letter, the clock of this machine right? Where the shop sees https take PEYK_WOOCOMMERCE_AUTH=header",
}
NO_KEY = "there is no key yet: `peyk shop connect woocommerce`, or set PEYK_WOOCOMMERCE_KEY and PEYK_WOOCOMMERCE_SECRET"


class WooCommerceSettings(AdapterSettings):
    """What a WooCommerce shop needs."""

    model_config = settings_config("WOOCOMMERCE")

    url: str = Field(description="the shop's address, like https://shop.example")
    key: SecretStr = Field(SecretStr(""), description="consumer key; empty: the one `peyk shop connect` has brought")
    secret: SecretStr = Field(SecretStr(""), description="its consumer secret")
    auth: Literal["header", "query", "oauth"] = Field(
        "header",
        description="`query` where the host drops the Authorization header, `oauth` where the shop sees plain http",
    )
    webhook_secret: SecretStr = Field(SecretStr(""), description="the secret of the webhooks; empty: no webhooks")
    tables: Path | None = Field(None, description="your own file of statuses, currencies, carriers, tracking keys")
    carrier: str = Field("", description="who carries where no plugin says it, like post")
    refund_days: int = Field(7, ge=1, description="how many days a refund takes, as you promise it")
    # No documentation names it: plugins of gateways differ [K].
    authority_key: str = Field(
        "_zarinpal_authority", description="the meta key in which the gateway's plugin keeps its id of a payment"
    )
    currency: str = Field("IRT", description="the currency of the shop's shipping costs")
    page_size: int = Field(100, ge=1, le=100, description="orders in one answer")


def _keys(own: WooCommerceSettings, parts: Parts) -> KeysFile:
    return KeysFile(parts.data_dir / "shops" / "woocommerce.json", own.url)


def _is_given(own: WooCommerceSettings) -> bool:
    return bool(own.key.get_secret_value() and own.secret.get_secret_value())


def _http(own: WooCommerceSettings, parts: Parts) -> Http:
    def made(key: SecretStr, secret: SecretStr) -> Auth:
        if own.auth == "oauth":
            # In the address: a host that drops the header would drop the signature. WooCommerce signs the address it
            # has itself, with http where it does not see https, and takes signatures there alone [D].
            return SignedAuth(key, secret, in_query=True, seen_as="http")
        return QueryAuth(consumer_key=key, consumer_secret=secret) if own.auth == "query" else BasicAuth(key, secret)

    auth = made(own.key, own.secret) if _is_given(own) else FileAuth(_keys(own, parts), made)
    return Http(
        SYSTEM,
        own.url.rstrip("/") + API,
        auth,
        deadline_s=parts.deadline_s,
        tries=parts.tries,
        allow_http=parts.allow_http,
    )


def _make(own: WooCommerceSettings, parts: Parts) -> Shop:
    tables = ShopTables.load(SYSTEM, __name__, own.tables, parts.unknown)
    rules = Rules(tables, own.carrier, own.refund_days, own.authority_key)
    api = WooCommerceApi(_http(own, parts))
    signed = bool(own.webhook_secret.get_secret_value())
    return Shop(
        feed=WooCommerceFeed(api, rules, parts.clock, own.page_size),
        webhooks=WooCommerceWebhooks(own.webhook_secret, rules) if signed else None,
        keys=_keys(own, parts),
        storefront=WooCommerceStorefront(api, tables, parts.clock, own.currency),
        address=own.url.rstrip("/"),
        rules=repr((str(tables), own.carrier, own.refund_days, own.authority_key)),
    )


def _check(own: WooCommerceSettings, parts: Parts) -> Health:
    http = _http(own, parts)
    tables = ShopTables.load(SYSTEM, __name__, own.tables, parts.unknown)
    feed = WooCommerceFeed(
        WooCommerceApi(http), Rules(tables, own.carrier, own.refund_days, own.authority_key), parts.clock, 1
    )

    health = looked(http, lambda: first_order(feed), example=False)
    if health.credentials is not False:
        return health
    no_key = not _is_given(own) and _keys(own, parts).read() is None
    return replace(health, advice=NO_KEY if no_key else REFUSED[own.auth])


PLUGIN = Plugin(SYSTEM, SystemKind.SHOP, "WooCommerce, REST v3", WooCommerceSettings, _make, _check)
