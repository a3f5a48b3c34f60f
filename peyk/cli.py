"""Peyk's command line: `python -m peyk --help`.

Every failure is one line on standard error. Exit codes: 0 done, 1 it failed, 2 a setting or an argument is wrong.
What a command needs is imported when it runs, so that the launcher stays small beside what it launches.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peyk.domain.tickets import Ticket, TicketState
from peyk.errors import PeykError, SettingsError
from peyk.launcher.console import complain, say
from peyk.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from peyk.launcher.demo import Plan
    from peyk.store.api_keys import StoredApiKeys
    from peyk.store.tickets import BuiltinHelpdesk

FAILED = 1
WRONG_SETTING = 2
ZWNJ = "\u200c"
URL_PASSWORD = re.compile(r"(://[^/@\s]*:)[^/@\s]+@")

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Peyk's command line."
)
audit_app = typer.Typer(no_args_is_help=True, help="The audit of what was shown to whom.")
keys_app = typer.Typer(no_args_is_help=True, help="API keys of trusted servers for the REST channel.")
tickets_app = typer.Typer(no_args_is_help=True, help="The tickets customers have opened.")
settings_app = typer.Typer(no_args_is_help=True, help="The settings.")
app.add_typer(audit_app, name="audit")
app.add_typer(keys_app, name="keys")
app.add_typer(tickets_app, name="tickets")
app.add_typer(settings_app, name="settings")

Orders = Annotated[int | None, typer.Option(min=0, help="How many further orders to make up besides the stories.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="The edge's port (default: PEYK_PORT, else 8080).")]
State = Annotated[TicketState | None, typer.Option(help="Only those in this state (default: all not resolved).")]
Number = Annotated[str, typer.Argument(help="The ticket's number, e.g. PK-1001.")]
MovedTo = Annotated[TicketState, typer.Argument(help="Where it stands now: in_progress or resolved.")]


@app.command()
def demo(orders: Orders = None, port: Port = None) -> None:
    """Start the demo shop with its assistant and print the URL; Ctrl-C ends it."""
    from peyk.launcher import demo as launcher

    launcher.demo(_plan(orders, port))


@app.command()
def shell(orders: Orders = None) -> None:
    """Chat in the terminal with the running demo, or with one started for this chat."""
    from peyk.launcher import shell as launcher

    launcher.shell(_plan(orders, free_port=True))


@app.command()
def interactive(orders: Orders = None) -> None:
    """Run `rasa interactive` with the demo shop and the action server behind it."""
    from peyk.launcher import interactive as launcher

    raise typer.Exit(launcher.interactive(_plan(orders, free_port=True)))


@app.command()
def train(force: Annotated[bool, typer.Option("--force", help="Train every part anew.")] = False) -> None:
    """Train the model when its inputs changed, and print where it is."""
    from peyk.launcher.model import ensure_model
    from peyk.launcher.processes import StopFlag, Supervisor

    root = Path.cwd()
    with Supervisor(root) as processes:
        model = ensure_model(root, processes, StopFlag().install(), force=force)
    say(str(model.relative_to(root)))


@app.command()
def validate() -> None:
    """Check the Rasa project: domain, examples, rules, stories."""
    from peyk.launcher import validate as launcher

    launcher.validate(Path.cwd())


@app.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    from peyk.store.migrate import upgrade

    settings = _settings()
    upgrade(_engine(settings))
    say("the database is up to date")


@app.command()
def seed(orders: Orders = None) -> None:
    """Bring the database to the newest revision and fill it with the demo shop, dated from now."""
    from peyk.adapters.clock import SystemClock
    from peyk.adapters.demo_shop.seed import DEFAULT_ORDERS
    from peyk.adapters.demo_shop.seed import seed as seed_shop
    from peyk.store.migrate import upgrade

    settings = _settings()
    if not settings.demo:
        raise SettingsError("PEYK_MODE: the demo shop is seeded in demo mode only; it would replace orders")
    engine = _engine(settings)
    upgrade(engine)
    further = DEFAULT_ORDERS if orders is None else orders
    seed_shop(engine, SystemClock(), orders=further)
    say(f"the demo shop is seeded: its stories and {further} further orders")


@audit_app.command("verify")
def audit_verify() -> None:
    """Check the chain of the audit; print its first broken link."""
    from peyk.store.audit import verify

    settings = _settings()
    broken = verify(_engine(settings), settings.secret_key.get_secret_value())
    if broken is not None:
        complain(f"the audit is broken at row {broken.seq}: {broken.reason}")
        raise typer.Exit(FAILED)
    say("the audit is whole")


@keys_app.command("add")
def keys_add(name: Annotated[str, typer.Argument(help="Who uses it, e.g. shop-backend.")]) -> None:
    """Make a key and print it: the only time it can be seen."""
    say(_keys().create(name))


@keys_app.command("list")
def keys_list() -> None:
    """List the keys, also revoked ones."""
    for key in _keys().list():
        state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "in force"
        say(f"{key.id}  {key.created_at:%Y-%m-%d %H:%M}  {state:24}  {key.name}")


@keys_app.command("revoke")
def keys_revoke(key_id: Annotated[str, typer.Argument(help="The id `keys list` shows.")]) -> None:
    """Put a key out of force, at once and for good."""
    if not _keys().revoke(key_id):
        complain(f"no key in force has the id {key_id}: see `peyk keys list`")
        raise typer.Exit(FAILED)
    say(f"{key_id} is revoked")


@tickets_app.command("list")
def tickets_list(state: State = None) -> None:
    """List tickets in the order they should be worked on, one line each."""
    states = [state] if state else [TicketState.OPEN, TicketState.IN_PROGRESS]
    for ticket in _helpdesk().in_state(*states):
        about = ticket.order_number or "-"
        say(f"{ticket.number}  {ticket.created_at:%Y-%m-%d %H:%M}  {ticket.state:11}  {ticket.reason:14}  {about}")


@tickets_app.command("show")
def tickets_show(number: Number) -> None:
    """Show one ticket, with the customer's mobile and words."""
    ticket = _known(_helpdesk().by_number(number.upper()), number)
    lines = {
        "number": ticket.number,
        "state": ticket.state,
        "reason": ticket.reason,
        "order": ticket.order_number,
        "mobile": ticket.mobile,
        "opened": f"{ticket.created_at:%Y-%m-%d %H:%M} UTC",
        "changed": f"{ticket.updated_at:%Y-%m-%d %H:%M} UTC",
        "note": _printable(ticket.note),
    }
    for name, value in lines.items():
        say(f"{name:8} {value or '-'}")


@tickets_app.command("set")
def tickets_set(number: Number, state: MovedTo) -> None:
    """Move a ticket on. A resolved one stays resolved: the customer's next complaint opens another."""
    if state is TicketState.OPEN:
        complain("a ticket is set to in_progress or resolved; it is open by itself")
        raise typer.Exit(WRONG_SETTING)
    ticket = _known(_helpdesk().set_state(number.upper(), state), number)
    if ticket.state is not state:
        complain(f"{ticket.number} is resolved, and stays so")
        raise typer.Exit(FAILED)
    say(f"{ticket.number} is {ticket.state}")


@settings_app.command("check")
def settings_check() -> None:
    """Read the settings and show them; secrets stay hidden."""
    for name, value in _settings().model_dump().items():
        # A URL may hold a password.
        shown = URL_PASSWORD.sub(r"\1***@", str(value))
        say(f"PEYK_{name.upper()}={shown}")


def main() -> None:
    """Run a command; every failure is one line."""
    try:
        app(standalone_mode=True)
    except SettingsError as exc:
        complain(str(exc))
        sys.exit(WRONG_SETTING)
    except PeykError as exc:
        complain(str(exc))
        sys.exit(FAILED)
    except OSError as exc:
        complain(f"{exc.strerror or exc}{f': {exc.filename}' if exc.filename else ''}")
        sys.exit(FAILED)


def _settings() -> Settings:
    """Return the settings; the demo's secret key is the one it keeps, or its audit could not be checked."""
    from peyk.launcher.stack import demo_key

    settings = load_settings()
    if settings.demo and "secret_key" not in settings.model_fields_set:
        os.environ["PEYK_SECRET_KEY"] = demo_key(settings.data_dir)
        settings = load_settings()
    # Rasa does not read `.env`, but has to know what an order number looks like.
    os.environ["PEYK_ORDER_PREFIX"] = settings.order_prefix
    os.environ["PEYK_ORDER_DIGITS"] = str(settings.order_digits)
    return settings


def _plan(orders: int | None, port: int | None = None, *, free_port: bool = False) -> Plan:
    from peyk.launcher.demo import Plan

    settings = _settings()
    if not settings.demo:
        raise SettingsError("PEYK_MODE: this starts the demo; docs/operations.md says how to run Peyk in production")
    return Plan(
        root=Path.cwd(),
        data_dir=settings.data_dir,
        host=settings.host,
        port=0 if free_port else port or settings.port,
        secret_key=settings.secret_key.get_secret_value(),
        orders=orders,
    )


def _engine(settings: Settings) -> Engine:
    from peyk.store.engine import make_engine

    return make_engine(settings.store_url)


def _helpdesk() -> BuiltinHelpdesk:
    from peyk.adapters.clock import SystemClock
    from peyk.store.tickets import BuiltinHelpdesk

    return BuiltinHelpdesk(_engine(_settings()), SystemClock())


def _known(ticket: Ticket | None, number: str) -> Ticket:
    if ticket is None:
        complain(f"there is no ticket {_printable(number)}: see `peyk tickets list`")
        raise typer.Exit(FAILED)
    return ticket


def _printable(text: str) -> str:
    # What a customer typed must not steer the terminal of whoever reads it; of the invisible ones Persian needs ZWNJ.
    hidden = {"Cc", "Cf", "Zl", "Zp"}
    return "".join(" " if unicodedata.category(char) in hidden and char != ZWNJ else char for char in text)


def _keys() -> StoredApiKeys:
    from peyk.adapters.clock import SystemClock
    from peyk.store.api_keys import StoredApiKeys

    return StoredApiKeys(_engine(_settings()), SystemClock())
