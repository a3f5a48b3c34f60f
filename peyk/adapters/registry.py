"""Every adapter there is: Peyk's own, and those that installed packages bring by the entry point `peyk.adapters`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from peyk.adapters.plugin import Plugin, SystemKind
from peyk.errors import SettingsError

GROUP = "peyk.adapters"
# Name → module with its PLUGIN; imported when it is asked for, so that a shop pays for its own systems alone.
BUILTIN: dict[str, str] = {
    "kavenegar": "peyk.adapters.messaging.kavenegar",
    "smtp": "peyk.adapters.messaging.smtp",
    "smsir": "peyk.adapters.messaging.smsir",
    "zarinpal": "peyk.adapters.payments.zarinpal",
    "17track": "peyk.adapters.carriers.seventeentrack",
    "chapar": "peyk.adapters.carriers.chapar",
    "dhl": "peyk.adapters.carriers.dhl",
    "fedex": "peyk.adapters.carriers.fedex",
    "mahex": "peyk.adapters.carriers.mahex",
    "post": "peyk.adapters.carriers.iran_post",
    "postex": "peyk.adapters.carriers.postex",
    "tipax": "peyk.adapters.carriers.tipax",
    "csv": "peyk.adapters.orders.csv",
    "magento": "peyk.adapters.orders.magento",
    "shopify": "peyk.adapters.orders.shopify",
    "sql": "peyk.adapters.orders.sql",
    "vendure": "peyk.adapters.orders.vendure",
    "woocommerce": "peyk.adapters.orders.woocommerce",
}

AnyPlugin = Plugin[Any]


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """An installed adapter that cannot be used, and why."""

    name: str
    why: str


def plugin(name: str, kind: SystemKind) -> AnyPlugin:
    """Return the adapter `name` of a kind. Raises SettingsError, with the names there are."""
    found = _load(name)
    if isinstance(found, NotLoaded):
        raise SettingsError(f"the adapter `{name}` cannot be loaded: {found.why}")
    if found is None or found.kind is not kind:
        names = ", ".join(sorted(each.name for each in plugins() if each.kind is kind)) or "none yet"
        raise SettingsError(f"there is no adapter `{name}` for {kind.value}; there are: {names}")
    return found


def plugins() -> list[AnyPlugin]:
    """Return all that can be loaded, by kind and name."""
    order = list(SystemKind)
    return sorted(
        (each for each in _all() if isinstance(each, Plugin)), key=lambda each: (order.index(each.kind), each.name)
    )


def not_loaded() -> list[NotLoaded]:
    """Return those that cannot be, by name. They are no reason for Peyk not to start."""
    return [each for each in _all() if isinstance(each, NotLoaded)]


def _all() -> list[AnyPlugin | NotLoaded]:
    return [each for each in map(_load, sorted({*BUILTIN, *_outside()})) if each is not None]


def _load(name: str) -> AnyPlugin | NotLoaded | None:
    if name in BUILTIN:
        made = import_module(BUILTIN[name]).PLUGIN
    elif name in _outside():
        try:
            made = _outside()[name].load()
        except (Exception, SystemExit) as exc:  # noqa: BLE001 - somebody else's code may raise anything
            return NotLoaded(name, f"{type(exc).__name__}: {exc}")
    else:
        return None
    if not isinstance(made, Plugin) or made.name != name:
        return NotLoaded(name, "it is not a Plugin of that name")
    if name != name.lower():
        # Names in settings are read in any case.
        return NotLoaded(name, "its name must be in lower case")
    return made


@cache
def _outside() -> dict[str, EntryPoint]:
    return {each.name: each for each in entry_points(group=GROUP) if each.name not in BUILTIN}
