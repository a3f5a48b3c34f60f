"""The systems outside: `peyk adapters` lists what there is, `peyk doctor` looks at what is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from pydantic_core import PydanticUndefined

from peyk.cli.common import FAILED, printable, the_engine, the_settings
from peyk.domain.systems import Health, SystemKind
from peyk.errors import PeykError
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from peyk.settings import Settings

# Two machines' clocks may be so far apart before signatures and tokens begin to fail.
CLOCK_TOLERANCE_S = 120.0
# Our sender that needs an address the shop must know; one of a shop's own is not looked at.
BY_MAIL = "smtp"


def add_to(app: typer.Typer) -> None:
    """Add the two commands."""
    app.command("adapters")(adapters)
    app.command("doctor")(doctor)


def adapters() -> None:
    """List every adapter with its settings; those of this shop are marked with a star."""
    from peyk.adapters.registry import not_loaded, plugins

    settings = the_settings()
    held_off = _held_off(settings)
    for each in plugins():
        mark = "*" if each.name in settings.adapters(each.kind) else " "
        say(f"{mark} {each.kind.value:9} {each.name:12} {each.summary}")
        for system, lines in held_off.items():
            # A shop's pages are read behind a breaker of their own, `woocommerce:index`.
            for line in lines if system.partition(":")[0] == each.name else []:
                say(f"      {system}: {line}")
        prefix = each.settings.model_config.get("env_prefix", "")
        for name, field in each.settings.model_fields.items():
            default = field.default
            needed = "must be set" if default is PydanticUndefined else f"default {_shown(default)}"
            say(f"      {prefix}{name.upper():24} {field.description or ''} ({needed})".replace("  (", " ("))
    for broken in not_loaded():
        say(f"! {'':9} {broken.name:12} cannot be loaded: {printable(broken.why)}")


def doctor() -> None:
    """Look at every connected system, a line each, and list the codes nobody has explained yet; exit 1 in trouble."""
    settings, trouble = the_settings(), False
    held_off = _held_off(settings)
    for kind in SystemKind:
        for name in settings.adapters(kind):
            well, line = _examined(settings, name, kind)
            trouble |= not well
            say(f"{'ok  ' if well else 'FAIL'}  {kind.value:9} {name:12} {line}")
        if kind is SystemKind.SMS and BY_MAIL in settings.adapters(kind) and (why := _no_addresses(settings)):
            alone = settings.adapters(kind) == [BY_MAIL]
            trouble |= alone
            say(f"{'FAIL' if alone else '  ! '}  {BY_MAIL}: no code goes out by mail: {why}")
        if kind is SystemKind.CARRIER:
            for name in settings.quoting:
                well, line = _examined(settings, name, kind, prices=True)
                trouble |= not well
                say(f"{'ok  ' if well else 'FAIL'}  {'prices':9} {name:12} {line}")
        if not settings.adapters(kind):
            say(f"  -   {kind.value:9} {'the demo' if settings.demo else 'nothing connected'}")
    for system, lines in held_off.items():
        for line in lines:
            say(f"  !   {system}: {line}")
    trouble |= _unknown_codes(settings)
    if trouble:
        complain("something needs to be seen to")
        raise typer.Exit(FAILED)


def _examined(settings: Settings, name: str, kind: SystemKind, *, prices: bool = False) -> tuple[bool, str]:
    from peyk.adapters.clock import SystemClock
    from peyk.adapters.plugin import brought, brought_quotes, read_settings
    from peyk.adapters.registry import plugin
    from peyk.bootstrap_systems import make_parts

    try:
        found = plugin(name, kind)
        check = found.check_quotes if prices else found.check
        if check is None:
            return False, "tells no prices: take it out of PEYK_QUOTES"
        own, parts = read_settings(found), make_parts(settings, the_engine(settings), SystemClock())
        # What keeps Peyk from starting is to be found here.
        (brought_quotes if prices else brought)(found, parts, own)
        health = check(own, parts)
    except PeykError as exc:
        return False, printable(str(exc))
    except Exception as exc:  # noqa: BLE001 - somebody else's code may raise anything, and with a secret in it
        return False, f"its own check fails with {type(exc).__name__}"
    return health.well and not _clock_off(health), _line(health)


def _no_addresses(settings: Settings) -> str:
    """Return why codes by mail would reach nobody; empty where the shop knows addresses, or it cannot be told."""
    from peyk.adapters.clock import SystemClock
    from peyk.adapters.plugin import Shop, brought
    from peyk.adapters.registry import plugin
    from peyk.bootstrap_systems import make_parts
    from peyk.store.shop_index import Origin, StoredShopIndex

    named = settings.adapters(SystemKind.SHOP)
    if not named:
        return "no connected shop knows mail addresses (PEYK_SHOP)"
    engine = the_engine(settings)
    try:
        shop: Shop = brought(plugin(named[0], SystemKind.SHOP), make_parts(settings, engine, SystemClock()))
        if shop.feed is None:
            return "" if shop.email_of else f"{named[0]} tells no mail addresses"
        index = StoredShopIndex(engine, named[0], settings.secret_key, Origin(shop.address, shop.rules))
        lacking = index.state().filled_at is not None and not index.has_emails()
    except PeykError:
        # Shop and store have lines of their own.
        return ""
    return f"no order of {named[0]} has a mail address" if lacking else ""


def _line(health: Health) -> str:
    said = ["reachable" if health.reachable else "not reachable"]
    if health.credentials is not None:
        said.append("credentials taken" if health.credentials else "credentials refused")
    if health.clock_s is not None:
        said.append(f"clock {health.clock_s:+.0f} s")
    if health.sample:
        said.append(f"read: {health.sample}")
    if health.quota:
        said.append(f"left: {health.quota}")
    advice = health.advice or ("set the clock of this machine or of theirs" if _clock_off(health) else "")
    return printable("; ".join(said) + (f". {advice}" if advice else ""))


def _clock_off(health: Health) -> bool:
    return health.clock_s is not None and abs(health.clock_s) > CLOCK_TOLERANCE_S


def _held_off(settings: Settings) -> dict[str, list[str]]:
    """Return what is held off by Peyk's processes at the moment: system → a line each. Empty without a store."""
    from peyk.adapters.clock import SystemClock
    from peyk.store.system_states import StoredSystemStates

    try:
        found = StoredSystemStates(the_engine(settings), SystemClock()).held_off()
    except PeykError:
        # The store has a line of its own.
        return {}
    lines: dict[str, list[str]] = {}
    for each in found:
        moment = f"since {each.since:%H:%M:%S}, until {each.until:%H:%M:%S} UTC"
        lines.setdefault(each.system, []).append(f"held off by {each.process} ({each.kind}) {moment}")
    return lines


def _unknown_codes(settings: Settings) -> bool:
    from peyk.adapters.clock import SystemClock
    from peyk.store.unknown_codes import StoredUnknownCodes

    try:
        found = StoredUnknownCodes(the_engine(settings), SystemClock()).all()
    except PeykError as exc:
        say(f"FAIL  store     {exc}")
        return True
    for each in found:
        say(f'  ?   {each.system}: code `{printable(each.code)}` {each.times} times, "{printable(each.words)}"')
    if found:
        say("      add them to your own file of statuses: docs/carriers.md, «codes nobody knows»")
    return False


def _shown(default: object) -> str:
    return "none" if default is None or not str(default) else str(default)
