"""The shop's own system: filling the index of its orders, and how it stands."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli import shop_import
from peyk.cli.common import FAILED, WRONG_SETTING, printable, the_engine, the_settings
from peyk.errors import ExternalError, RateLimited, SettingsError
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from peyk.bootstrap_shop import ConnectedShop
    from peyk.ports.shops import ShopIndex, SyncState
    from peyk.services.shop_sync import ShopSync

# A shop that does not answer for a moment is no reason to give up an hour's work.
TRIES = 6
LONGEST_PAUSE_S = 30.0
# As long as another process may hold the index after it has died.
TURNS_AWAITED_S = 90.0

Name = Annotated[str, typer.Argument(help="The adapter: woocommerce.")]
Edge = Annotated[str, typer.Option(help="The https address at which the shop reaches this Peyk's edge.")]

app = typer.Typer(no_args_is_help=True, help="The shop's own system, and Peyk's index of its orders.")
app.command("import")(shop_import.import_file)


@app.command("fill")
def fill() -> None:
    """Read every order into the index, or what has changed since; goes on where it was interrupted."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shop, index, sync = _indexed()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns) as progress:
            bar = progress.add_task(f"orders of {shop.name}", total=None)
            for state in _states(sync):
                # Pages overlap, and what is counted twice is no more than there is.
                done = state.done if state.total is None else min(state.done, state.total)
                progress.update(bar, completed=done, total=state.total)
    except KeyboardInterrupt:
        complain("interrupted: what was read is kept, and `peyk shop fill` goes on from there")
        raise typer.Exit(FAILED) from None
    state = index.state()
    say(f"the index has {index.count()} orders of {shop.name}")
    if state.unreadable:
        say(f"{state.unreadable} times an order could not be read: the log names them")


@app.command("status")
def status() -> None:
    """Show how the index stands; exit 1 when the shop could not be read at the last look."""
    shop, index, _ = _indexed()
    state = index.state()
    say(f"{shop.name}: {index.count()} orders in the index")
    if state.filled_at is None:
        of = f" of {state.total}" if state.total is not None else ""
        say(f"first fill: {f'{state.done}{of} read' if state.began_at else 'not begun'}; `peyk shop fill` does it")
    if state.looked_at is not None:
        say(f"last look: {state.looked_at:%Y-%m-%d %H:%M:%S} UTC")
    say(f"webhooks: {'taken' if shop.doors.intake else 'none (no secret is set)'}")
    if state.unreadable:
        say(f"could not be read: {state.unreadable} times an order")
    if state.error is not None and state.error_at is not None:
        complain(f"since {state.error_at:%Y-%m-%d %H:%M:%S} UTC: {printable(state.error)}")
        raise typer.Exit(FAILED)


@app.command("connect")
def connect(name: Name, edge: Edge) -> None:
    """Print where the shop's owner agrees that Peyk reads its orders; the running edge receives the keys."""
    from peyk.adapters._http import checked_url

    shop = _connected()
    if shop.name != name or shop.doors.connect is None:
        complain(f"{name} cannot be connected so: PEYK_SHOP names {shop.name}; see docs/connect.md")
        raise typer.Exit(WRONG_SETTING)
    if not edge.startswith("https://"):
        raise SettingsError("--edge: the keys travel by https:// alone")
    try:
        address = checked_url(edge, allow_http=False)
    except ValueError as exc:
        raise SettingsError(f"--edge: {exc}") from None
    say("Open this within half an hour, logged in as an administrator of the shop, and approve:\n")
    say(f"  {shop.doors.connect.begin(address)}\n")
    say("Then `peyk doctor` says whether the keys have come.")


def _states(sync: ShopSync) -> Iterator[SyncState]:
    """Read to the end of the pass, patiently. Raises what the shop raised when it goes on and on."""
    from peyk.services.shop_sync import Elsewhere

    failures, until = 0, time.monotonic() + TURNS_AWAITED_S
    while True:
        try:
            for state in sync.steps():
                failures = 0
                yield state
                if state.began_at is None:
                    return
        except Elsewhere:
            # The edge or the worker reads a few pages at a time.
            if time.monotonic() > until:
                complain("another process is filling the index: see `peyk shop status`")
                raise typer.Exit(FAILED) from None
            time.sleep(0.5)
        except ExternalError as exc:
            failures += 1
            if failures == TRIES:
                raise
            asked = exc.retry_after_s if isinstance(exc, RateLimited) else None
            time.sleep(float(asked) if asked is not None else min(LONGEST_PAUSE_S, 2.0**failures / 4))


def _indexed() -> tuple[ConnectedShop, ShopIndex, ShopSync]:
    shop = _connected()
    if shop.sync is None or shop.index is None:
        complain(f"{shop.name} answers by itself: there is no index to fill")
        raise typer.Exit(WRONG_SETTING)
    return shop, shop.index, shop.sync


def _connected() -> ConnectedShop:
    from peyk.adapters.clock import SystemClock
    from peyk.bootstrap_guards import Guards
    from peyk.bootstrap_shop import make_shop
    from peyk.bootstrap_systems import make_parts
    from peyk.store.system_states import StoredSystemStates

    settings, clock = the_settings(), SystemClock()
    engine = the_engine(settings)
    guards = Guards(settings, StoredSystemStates(engine, clock))
    shop = make_shop(settings, engine, clock, make_parts(settings, engine, clock), guards)
    if shop is None:
        raise SettingsError("PEYK_SHOP: no shop is connected: docs/connect.md")
    return shop
