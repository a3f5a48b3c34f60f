"""What an adapter is to Peyk: a name, settings of its own, and a function that makes it (docs/add-an-adapter.md).

A package brings one by the entry point `peyk.adapters`:

    [project.entry-points."peyk.adapters"]
    pishtaz = "pishtaz_for_peyk:PLUGIN"
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from peyk.domain.systems import Health, SystemKind
from peyk.errors import PeykError, SettingsError
from peyk.ports.carrier import Carrier
from peyk.ports.clock import Clock
from peyk.ports.crm import Crm
from peyk.ports.messenger import CodeSender
from peyk.ports.orders import OrderSource
from peyk.ports.payments import PaymentGateway, PaymentInquiry
from peyk.ports.quotes import ShippingQuotes
from peyk.ports.records import Limiter
from peyk.ports.shops import OrderFeed, ShopKeys, ShopWebhooks
from peyk.ports.storefront import Storefront
from peyk.ports.systems import UnknownCodes

__all__ = [
    "AdapterSettings",
    "CarrierSettings",
    "Parts",
    "Plugin",
    "Shop",
    "SystemKind",
    "brought",
    "brought_quotes",
    "read_settings",
    "settings_config",
]


class AdapterSettings(BaseSettings):
    """The base of an adapter's settings; a subclass gives `model_config = settings_config("TIPAX")`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)


class CarrierSettings(AdapterSettings):
    """What every carrier's settings have: how often it may be asked, how long an answer is fresh, whose codes."""

    pace: str = Field(default="", description="how often it may be asked, like `1/5 second; 250/day`; empty: no limit")
    fresh_minutes: int = Field(
        default=10, ge=0, description="for so long an answer counts as fresh and it is not asked again"
    )
    pattern: str = Field(
        default="", description="a regular expression a whole code must match; empty: the adapter's own"
    )
    statuses: Path | None = Field(default=None, description="your own file of statuses (docs/carriers.md)")
    at_once: int = Field(default=8, ge=1, description="how many calls may be under way at once")


def settings_config(name: str) -> SettingsConfigDict:
    """Return the configuration of settings whose variables begin with `PEYK_<NAME>_`."""
    return SettingsConfigDict(env_prefix=f"PEYK_{name.upper()}_", env_file=".env", extra="ignore", frozen=True)


def _no_words(_language: str, code: str) -> tuple[str, str]:
    return "", code


def _nobody(_mobile: str) -> None:
    return None


S = TypeVar("S", bound=AdapterSettings)


@dataclass(frozen=True)
class Parts:
    """What Peyk gives every adapter it makes."""

    clock: Clock
    unknown: UnknownCodes
    secret_key: SecretStr = field(repr=False)
    deadline_s: float
    tries: int = 3
    redis_url: str = ""
    # Counts what vendors allow by the hour or longer; without one each process counts for itself.
    limiter: Limiter | None = None
    # Credentials may travel over plain http: for systems in the shop's own network.
    allow_http: bool = False
    default_language: str = "fa"
    # Where an adapter may keep files of its own.
    data_dir: Path = Path("var")
    # Subject and text of a mail with a one-time code, by language and code.
    code_mail: Callable[[str, str], tuple[str, str]] = field(default=_no_words, repr=False)
    # The mail address the shop knows of a mobile, None where it knows none. May raise any ExternalError.
    email_of: Callable[[str], str | None] = field(default=_nobody, repr=False)


@dataclass(frozen=True)
class Shop:
    """What an adapter of a shop can do: answer by itself (`orders`), or be read into Peyk's own index (`feed`).

    `address` tells the shop from every other one, without a credential; `rules` is all its orders are read by, like
    tables and mappings. With other rules the index is filled anew; with another address it is emptied before.

    `email_of` is for one that answers by itself: the mail address that stands in every order of a mobile, None where
    one has none, or another. Codes go there, so one order of a stranger's must not be enough. It may raise any
    ExternalError.
    """

    orders: OrderSource | None = None
    feed: OrderFeed | None = None
    webhooks: ShopWebhooks | None = None
    keys: ShopKeys | None = None
    payments: PaymentGateway | None = None
    storefront: Storefront | None = None
    address: str = ""
    rules: str = field(default="", repr=False)
    email_of: Callable[[str], str | None] | None = None


@dataclass(frozen=True)
class Plugin(Generic[S]):
    """One adapter. `make` returns what `kind` says; `check` looks at the system and never raises an ExternalError.

    A carrier returns a `Carrier`, payments a `PaymentInquiry`, sms a `CodeSender`, crm a `Crm`, a shop a `Shop`.
    A carrier that tells prices brings `quotes` and `check_quotes`, too.
    `names` is what customers read where Peyk has no name of its own: language → name.
    """

    name: str
    kind: SystemKind
    summary: str
    settings: type[S]
    make: Callable[[S, Parts], Any] = field(repr=False)
    check: Callable[[S, Parts], Health] = field(repr=False)
    names: Mapping[str, str] = field(default_factory=dict)
    quotes: Callable[[S, Parts], ShippingQuotes] | None = field(default=None, repr=False)
    check_quotes: Callable[[S, Parts], Health] | None = field(default=None, repr=False)


def read_settings(plugin: Plugin[S]) -> S:
    """Return an adapter's settings from the environment. Raises SettingsError with one line that names the bad one."""
    try:
        return plugin.settings()
    except ValidationError as exc:
        first = exc.errors()[0]
        prefix = plugin.settings.model_config.get("env_prefix", "")
        where = "_".join(str(part) for part in first["loc"]).upper()
        what = "must be set" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{prefix}{where}: {what}" if where else f"{plugin.name}: {what}") from None


# What `make` returns, by kind.
_RETURNS: Mapping[SystemKind, type] = {
    SystemKind.SHOP: Shop,
    SystemKind.CARRIER: Carrier,
    SystemKind.PAYMENTS: PaymentInquiry,
    SystemKind.SMS: CodeSender,
    SystemKind.CRM: Crm,
}


def brought(plugin: Plugin[S], parts: Parts, settings: S | None = None) -> Any:
    """Return what an adapter makes, by its settings from the environment unless they are given.

    Raises SettingsError: a setting is bad, or the adapter's own code is. Without its message, which may hold a key.
    """
    own = read_settings(plugin) if settings is None else settings
    return _made(plugin, plugin.make, own, parts, _RETURNS[plugin.kind])


def brought_quotes(plugin: Plugin[S], parts: Parts, settings: S) -> ShippingQuotes:
    """Return what tells a carrier's prices. Raises SettingsError, as `brought`; also where it tells none."""
    if plugin.quotes is None:
        raise SettingsError(f"PEYK_QUOTES: the adapter {plugin.name} tells no prices")
    made: ShippingQuotes = _made(plugin, plugin.quotes, settings, parts, ShippingQuotes)
    return made


def _made(plugin: Plugin[S], make: Callable[[S, Parts], Any], own: S, parts: Parts, wanted: type) -> Any:
    try:
        made = make(own, parts)
        lacking = sorted(name for name in _members(wanted) if not hasattr(made, name))
    except PeykError:
        raise
    except (Exception, SystemExit) as exc:  # noqa: BLE001 - somebody else's code may raise anything
        where = _where(exc, make.__module__)
        raise SettingsError(f"the adapter `{plugin.name}` cannot be made: {type(exc).__name__} in {where}") from None
    if lacking:
        what = f"{type(made).__name__} has no {', '.join(lacking)}"
        raise SettingsError(f"the adapter `{plugin.name}` makes no {wanted.__name__}: {what}")
    return made


def _members(wanted: type) -> set[str]:
    return {name for name in (*vars(wanted), *wanted.__annotations__) if not name.startswith("_")}


def _where(exc: BaseException, module: str) -> str:
    """Return the last place in the adapter's own code, not in what it calls."""
    top = module.partition(".")[0]
    own = [
        (Path(frame.f_code.co_filename).name, line)
        for frame, line in traceback.walk_tb(exc.__traceback__)
        if frame.f_globals.get("__name__", "").partition(".")[0] == top
    ]
    name, line = own[-1] if own else ("its `make`", 0)
    return f"{name}, line {line}" if line else name
