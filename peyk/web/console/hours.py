"""Office hours and holidays, edited by admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from fastapi import APIRouter
from persiantools.jdatetime import JalaliDate
from starlette.requests import Request
from starlette.responses import Response

from peyk.domain.office_hours import FRIDAY, MIDNIGHT, MONDAY, SATURDAY, SUNDAY, THURSDAY, TUESDAY, WEDNESDAY, Span
from peyk.domain.office_plan import OfficePlan
from peyk.domain.staff import Permission
from peyk.i18n.holidays import read_date
from peyk.text.digits import to_ascii_digits
from peyk.web.console.gate import Gate, Visit, redirect
from peyk.web.console.parts import Parts

PAGE = "/console/hours"
# As a week begins in each language's country.
WEEKS = {
    "fa": (SATURDAY, SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY),
    "en": (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY),
}
SPANS = 2
NAME_MAX = 60
# A holiday a line: more are a mistake.
HOLIDAYS_MAX = 200


@dataclass
class Wrong(Exception):
    """What was typed cannot be kept: `what` is the line or the day."""

    code: str
    what: str


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the page."""

    def shown(visit: Visit, plan: OfficePlan, holidays: str, wrong: Wrong | None = None) -> Response:
        return gate.show(
            visit,
            "hours.html",
            status=422 if wrong else 200,
            plan=plan,
            week=[(day, _clocks(plan.weekly.get(day, ()))) for day in WEEKS[visit.language]],
            holidays=holidays,
            wrong=wrong,
            is_open=parts.hours.current().is_open(parts.clock.now()),
        )

    @router.get("/hours")
    async def page(request: Request) -> Response:
        """Show the week and the holidays."""
        visit = await gate.enter(request, Permission.EDIT_HOURS)
        plan = await parts.run(parts.hours.plan)
        return shown(visit, plan, written(plan.holidays, visit.language))

    @router.post("/hours")
    async def save(request: Request) -> Response:
        """Keep them, unless somebody else was faster."""
        visit = await gate.form(request, Permission.EDIT_HOURS)
        plan = await parts.run(parts.hours.plan)
        typed = visit.field("holidays", limit=20_000)
        if visit.field("version") != str(plan.version):
            return shown(visit, plan, typed, Wrong("hours_changed", ""))
        try:
            wanted = replace(
                plan,
                weekly=_week(visit),
                holidays=read_holidays(typed),
                iranian_holidays=visit.field("iranian") == "yes",
            )
            done = await parts.run(lambda: parts.hours.change(wanted, visit.operator.login))
        except Wrong as wrong:
            return shown(visit, plan, typed, wrong)
        except ValueError:
            return shown(visit, plan, typed, Wrong("hours_wrong", ""))
        if not done:
            return shown(visit, plan, typed, Wrong("hours_changed", ""))
        return redirect(request, PAGE)


def read_holidays(typed: str) -> dict[date, str]:
    """Read holidays, a line each: a date, Jalali or Gregorian by its year, and a name. Raises Wrong."""
    found: dict[date, str] = {}
    for line in filter(None, (each.strip() for each in typed.splitlines()[:HOLIDAYS_MAX])):
        day, _, name = line.partition(" ")
        try:
            found[read_date(to_ascii_digits(day).replace("/", "-"))] = name.strip()[:NAME_MAX]
        except ValueError:
            raise Wrong("holiday_wrong", line[:NAME_MAX]) from None
    return found


def written(holidays: Mapping[date, str], language: str) -> str:
    """Return holidays as they are read: Jalali in Persian."""
    return "\n".join(f"{_day(day, language)} {name}".strip() for day, name in sorted(holidays.items()))


def _day(day: date, language: str) -> str:
    return str(JalaliDate.to_jalali(day).strftime("%Y-%m-%d")) if language == "fa" else day.isoformat()


def _week(visit: Visit) -> dict[int, tuple[Span, ...]]:
    return {day: spans for day in range(7) if (spans := tuple(_spans(visit, day)))}


def _spans(visit: Visit, day: int) -> list[Span]:
    spans = []
    for number in range(SPANS):
        opens, closes = (visit.field(f"{edge}-{day}-{number}") for edge in ("opens", "closes"))
        if opens or closes:
            spans.append((_time(opens), _time(closes)))
    return spans


def _time(typed: str) -> time:
    """Read a time of day; 24:00 is the end of the day. Raises ValueError."""
    plain = to_ascii_digits(typed)
    return MIDNIGHT if plain == "24:00" else time.fromisoformat(plain)


def _clocks(spans: Sequence[Span]) -> list[tuple[Any, Any]]:
    """Return the spans of a day as the form shows them, with room for as many as may be."""
    shown = [(f"{opens:%H:%M}", f"{closes:%H:%M}") for opens, closes in spans]
    return shown + [("", "")] * (SPANS - len(shown))
