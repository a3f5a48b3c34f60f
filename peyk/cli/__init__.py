"""Peyk's command line: `python -m peyk --help`. A module a topic.

Every failure is one line on standard error. Exit codes: 0 done, 1 it failed, 2 a setting or an argument is wrong.
What a command needs is imported when it runs, so that the launcher stays small beside what it launches.
"""

from __future__ import annotations

import sys

import typer

from peyk.cli import audit, helpdesk, keys, office, operators, running, settings, shop, systems, tickets, webhooks
from peyk.cli.common import FAILED, WRONG_SETTING
from peyk.errors import PeykError, SettingsError
from peyk.launcher.console import complain

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Peyk's command line."
)
running.add_to(app)
systems.add_to(app)
app.add_typer(audit.app, name="audit")
app.add_typer(helpdesk.app, name="helpdesk")
app.add_typer(keys.app, name="keys")
app.add_typer(tickets.app, name="tickets")
app.add_typer(office.app, name="office")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(settings.app, name="settings")
app.add_typer(shop.app, name="shop")
app.add_typer(operators.app, name="operators")


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
