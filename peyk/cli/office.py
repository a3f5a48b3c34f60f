"""The shop's office hours and holidays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import FAILED, WRONG_SETTING, printable, the_settings
from peyk.domain.office_plan import OfficePlan, read_week, write_week
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from datetime import date

    from peyk.bootstrap import App

app = typer.Typer(no_args_is_help=True, help="When the shop's people are there.")

BY = "cli"
Week = Annotated[str, typer.Argument(help="E.g. 'sat-wed 09:00-17:00, thu 09:00-13:00'; other days are closed.")]
Day = Annotated[str, typer.Argument(help="Gregorian or Jalali: 2027-03-10 or 1405-12-19.")]
Name = Annotated[str, typer.Argument(help="What it is called.")]


@app.command("show")
def office_show() -> None:
    """Show the week, the shop's own holidays, and whether somebody is there now."""
    with _peyk() as peyk:
        plan, hours, now = peyk.office_hours.plan(), peyk.office_hours.current(), peyk.clock.now()
    say(f"week      {write_week(plan.weekly)}")
    say(f"timezone  {plan.timezone}")
    say(f"iranian holidays of fixed date {'count' if plan.iranian_holidays else 'do not count'}")
    for day, name in sorted(plan.holidays.items()):
        say(f"holiday   {day}  {printable(name)}".rstrip())
    opens = hours.next_opening(now).astimezone(hours.timezone)
    say("open now" if hours.is_open(now) else f"closed until {opens:%Y-%m-%d %H:%M}")


@app.command("week")
def office_week(week: Week) -> None:
    """Change the hours of the week."""
    with _peyk() as peyk:
        _change(peyk, replace(peyk.office_hours.plan(), weekly=read_week(week)))


@app.command("holiday")
def office_holiday(day: Day, name: Name = "") -> None:
    """Close on a day."""
    with _peyk() as peyk:
        plan = peyk.office_hours.plan()
        _change(peyk, replace(plan, holidays={**plan.holidays, _date(day): name}))


@app.command("workday")
def office_workday(day: Day) -> None:
    """Take a holiday of the shop's own back."""
    with _peyk() as peyk:
        plan, gone = peyk.office_hours.plan(), _date(day)
        _change(peyk, replace(plan, holidays={each: name for each, name in plan.holidays.items() if each != gone}))


def _change(peyk: App, plan: OfficePlan) -> None:
    if not peyk.office_hours.change(plan, BY):
        complain("somebody else has changed the office hours at this moment: look, and try again")
        raise typer.Exit(FAILED)
    say("the office hours are changed")


def _date(text: str) -> date:
    from peyk.i18n.holidays import read_date

    try:
        return read_date(text)
    except ValueError:
        raise ValueError(f"{text} is no date: write e.g. 2027-03-10 or 1405-12-19") from None


@contextmanager
def _peyk() -> Iterator[App]:
    from peyk.bootstrap import build

    peyk = build(the_settings())
    try:
        yield peyk
    except ValueError as exc:
        complain(printable(str(exc)))
        raise typer.Exit(WRONG_SETTING) from None
    finally:
        peyk.close()
