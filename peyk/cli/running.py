"""Start Peyk, train it, and prepare its database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import the_engine, the_settings
from peyk.errors import SettingsError
from peyk.launcher.console import say

if TYPE_CHECKING:
    from peyk.launcher.demo import Plan

Orders = Annotated[int | None, typer.Option(min=0, help="How many further orders to make up besides the stories.")]
Vendor = Annotated[
    str,
    typer.Option(
        help="Servers of vendors on this machine behind the real adapters, like woocommerce,tipax (docs/connect.md)."
    ),
]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="The edge's port (default: PEYK_PORT, else 8080).")]


def demo(orders: Orders = None, port: Port = None, vendor: Vendor = "") -> None:
    """Start the demo shop with its assistant and print the URL; Ctrl-C ends it."""
    from peyk.launcher import demo as launcher

    launcher.demo(_plan(orders, port, vendor=vendor))


def shell(orders: Orders = None) -> None:
    """Chat in the terminal with the running demo, or with one started for this chat."""
    from peyk.launcher import shell as launcher

    launcher.shell(_plan(orders, free_port=True))


def interactive(orders: Orders = None) -> None:
    """Run `rasa interactive` with the demo shop and the action server behind it."""
    from peyk.launcher import interactive as launcher

    raise typer.Exit(launcher.interactive(_plan(orders, free_port=True)))


def train(force: Annotated[bool, typer.Option("--force", help="Train every part anew.")] = False) -> None:
    """Train the model when its inputs changed, and print where it is."""
    from peyk.launcher.model import ensure_model
    from peyk.launcher.processes import StopFlag, Supervisor

    root = Path.cwd()
    with Supervisor(root) as processes:
        model = ensure_model(root, processes, StopFlag().install(), force=force)
    say(str(model.relative_to(root)))


def validate() -> None:
    """Check the Rasa project: domain, examples, rules, stories."""
    from peyk.launcher import validate as launcher

    launcher.validate(Path.cwd())


def migrate() -> None:
    """Bring the database to the newest revision."""
    from peyk.store.migrate import upgrade

    settings = the_settings()
    upgrade(the_engine(settings))
    say("the database is up to date")


def worker() -> None:
    """Do the regular tasks (timers of hand-offs and tickets) in a process of its own; the edge does them too."""
    from peyk.worker.__main__ import main as work

    the_settings()
    raise typer.Exit(work())


def seed(orders: Orders = None) -> None:
    """Bring the database to the newest revision and fill it with the demo shop, dated from now."""
    from peyk.adapters.clock import SystemClock
    from peyk.adapters.demo_shop.seed import DEFAULT_ORDERS
    from peyk.adapters.demo_shop.seed import seed as seed_shop
    from peyk.store.migrate import upgrade

    settings = the_settings()
    if not settings.demo:
        raise SettingsError("PEYK_MODE: the demo shop is seeded in demo mode only; it would replace orders")
    engine = the_engine(settings)
    upgrade(engine)
    further = DEFAULT_ORDERS if orders is None else orders
    seed_shop(engine, SystemClock(), orders=further)
    say(f"the demo shop is seeded: its stories and {further} further orders")


def _plan(orders: int | None, port: int | None = None, *, free_port: bool = False, vendor: str = "") -> Plan:
    from peyk.launcher.demo import Plan
    from peyk.settings_systems import listed

    settings = the_settings()
    if not settings.demo:
        raise SettingsError("PEYK_MODE: this starts the demo; docs/operations.md says how to run Peyk in production")
    return Plan(
        root=Path.cwd(),
        data_dir=settings.data_dir,
        host=settings.host,
        port=0 if free_port else port or settings.port,
        secret_key=settings.secret_key.get_secret_value(),
        orders=orders,
        telegram=not settings.telegram_token.get_secret_value(),
        vendors=tuple(dict.fromkeys(name.lower() for name in listed(vendor))),
    )


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    for command in (demo, shell, interactive, train, validate, migrate, worker, seed):
        app.command()(command)
