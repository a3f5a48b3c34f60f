"""`peyk operators`: the people of the console, from the command line; it makes the first of them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import FAILED, WRONG_SETTING, the_engine, the_settings
from peyk.domain.staff import Operator, Role, normalise_login
from peyk.i18n import text
from peyk.launcher.console import complain, say
from peyk.launcher.stack import DEMO_LOGIN

if TYPE_CHECKING:
    from peyk.services.operators import KeepOperators
    from peyk.store.staff import StoredStaff

app = typer.Typer(no_args_is_help=True, help="The people who answer customers at the console.")

Login = Annotated[str, typer.Argument(help="What they log in with, e.g. sara.")]
Named = Annotated[str, typer.Option(help="What customers see (default: the login).")]
As = Annotated[Role, typer.Option(help="agent, lead or admin.")]
Speaks = Annotated[str, typer.Option(help="The console's language for them: fa or en.")]
Asks = Annotated[bool, typer.Option("--ask-password", help="Ask for the password instead of making one up.")]


@app.command("add")
def operators_add(
    login: Login, name: Named = "", role: As = Role.ADMIN, language: Speaks = "fa", ask_password: Asks = False
) -> None:
    """Add an operator and print the password, to be changed at the first log-in: the only time it can be seen."""
    from peyk.services.operators import OperatorRefused

    if language not in {"fa", "en"}:
        complain("--language is fa or en")
        raise typer.Exit(WRONG_SETTING)
    typed = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if ask_password else ""
    _, keep = _staff()
    try:
        operator, password = keep.add(login, name or login, role, password=typed, language=language)
    except OperatorRefused as exc:
        complain(REFUSALS[exc.code])
        raise typer.Exit(FAILED) from None
    say(f"{operator.login} is {operator.role}")
    if not typed:
        say(f"password: {password}")


@app.command("demo", hidden=True)
def operators_demo(password_file: Annotated[Path, typer.Argument(help="Where the password is, or is to be.")]) -> None:
    """Make the demo's operator, once; the password is kept in a file only its owner can read.

    One that is lost, or was changed at the console, is made anew: what `make demo` prints works.
    """
    if not the_settings().demo:
        complain("there is no demo operator outside demo mode: see `peyk operators add`")
        raise typer.Exit(FAILED)
    staff, keep = _staff()
    known = staff.by_login(DEMO_LOGIN)
    kept = password_file.read_text().strip() if password_file.exists() else ""
    # A disabled one stays so, whatever the password is.
    if kept and known is not None and (not known.active or keep.fits(DEMO_LOGIN, kept)):
        return
    if known is None:
        known, password = keep.add(
            DEMO_LOGIN, text("demo.operator", "fa"), Role.ADMIN, password=secrets.token_urlsafe(12)
        )
    else:
        password = keep.reset(known.id, must_change=False)
    password_file.unlink(missing_ok=True)
    with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)


@app.command("list")
def operators_list() -> None:
    """List the operators, also disabled ones."""
    staff, _ = _staff()
    for operator in staff.everybody():
        state = "active" if operator.active else "disabled"
        second = "second factor" if operator.totp else ""
        say(f"{operator.login:20}  {operator.role:5}  {state:8}  {second:13}  {operator.name}")


@app.command("reset")
def operators_reset(login: Login) -> None:
    """Give a new password, turn off the second factor and end every session of theirs."""
    staff, keep = _staff()
    say(f"password: {keep.reset(_known(staff, login).id)}")


@app.command("disable")
def operators_disable(login: Login) -> None:
    """Keep somebody out, at once."""
    _switch(login, active=False)


@app.command("enable")
def operators_enable(login: Login) -> None:
    """Let somebody in again."""
    _switch(login, active=True)


REFUSALS = {
    "login": "a login is 2 to 64 of a-z, 0-9 and . _ @ + -, and begins with a letter or digit",
    "name": "a name is 1 to 80 characters",
    "password": "a password has at least 10 characters and not the login in it",
    "taken": "this login is taken",
    "last_admin": "there would be no active admin left",
}


def _switch(login: str, *, active: bool) -> None:
    from peyk.services.operators import OperatorRefused

    staff, keep = _staff()
    try:
        keep.change(_known(staff, login).id, active=active)
    except OperatorRefused as exc:
        complain(REFUSALS[exc.code])
        raise typer.Exit(FAILED) from None
    say(f"{normalise_login(login)} is {'active' if active else 'disabled'}")


def _known(staff: StoredStaff, login: str) -> Operator:
    found = staff.by_login(normalise_login(login))
    if found is None:
        complain("there is no such operator: see `peyk operators list`")
        raise typer.Exit(FAILED)
    return found


def _staff() -> tuple[StoredStaff, KeepOperators]:
    from peyk.adapters.clock import SystemClock
    from peyk.services.operators import KeepOperators
    from peyk.store.migrate import upgrade
    from peyk.store.operator_sessions import StoredSessions
    from peyk.store.records import make_records
    from peyk.store.staff import StoredStaff

    settings, clock = the_settings(), SystemClock()
    engine = the_engine(settings)
    # The first operator is often made before Peyk has run at all.
    upgrade(engine)
    records = make_records(engine, clock, settings.secret_key.get_secret_value())
    staff = StoredStaff(engine)
    return staff, KeepOperators(staff, StoredSessions(engine), records.audit, clock)
