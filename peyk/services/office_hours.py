"""The shop's office hours: read by clocks and waiting times, changed by who leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import structlog

from peyk.domain.office_hours import OfficeHours
from peyk.domain.office_plan import OfficePlan, read_week
from peyk.errors import ExternalError, SettingsError
from peyk.i18n.holidays import fixed_holidays, read_date
from peyk.ports.clock import Clock
from peyk.ports.records import AuditLog
from peyk.ports.tickets import OfficePlans
from peyk.settings import Settings

log = structlog.get_logger(__name__)

# No clock that starts now is due later.
YEARS_AHEAD = 2
NOBODY = "-"


class OfficeHoursService:
    """Tells the office hours in force, and changes them."""

    def __init__(self, *, plans: OfficePlans, audit: AuditLog, clock: Clock, settings: Settings) -> None:
        """Begin with the settings' hours. Raises SettingsError for holidays that cannot be read."""
        self._plans = plans
        self._audit = audit
        self._clock = clock
        self._last = plan_of(settings)

    def plan(self) -> OfficePlan:
        """Return what the shop has written down, else what the settings say. Raises Unavailable."""
        self._last = self._plans.current() or self._last
        return self._last

    def current(self) -> OfficeHours:
        """Return the hours in force; while the store is away those that were last known."""
        try:
            plan = self.plan()
        except ExternalError as exc:
            log.warning("office_hours.last_known", error=str(exc))
            plan = self._last
        return hours_of(plan, self._clock)

    def change(self, plan: OfficePlan, by: str) -> bool:
        """Put a plan in force; False when somebody else changed the one it was made from.

        Raises ValueError for a plan that cannot be: a week without an hour, spans that overlap, an unknown time zone.
        """
        hours_of(plan, self._clock)
        plan = replace(plan, holidays={day: name.strip() for day, name in plan.holidays.items()})
        if not self._plans.replace(plan, by, self._clock.now()):
            return False
        detail = {"by": by, "version": str(plan.version + 1)}
        self._audit.append(
            at=self._clock.now(),
            conversation_id=NOBODY,
            event="office_hours.changed",
            subject="office_hours",
            detail=detail,
        )
        return True


def hours_of(plan: OfficePlan, clock: Clock) -> OfficeHours:
    """Return a plan's hours with the country's fixed holidays of last year to those ahead."""
    year = clock.now().year
    return plan.hours(fixed_holidays(year - 1, year + YEARS_AHEAD))


def plan_of(settings: Settings) -> OfficePlan:
    """Return the plan of the settings. Raises SettingsError for holidays that cannot be read."""
    days = (day.strip() for day in settings.office_holidays.split(","))
    return OfficePlan(
        weekly=read_week(settings.office_week),
        holidays={_holiday(day): "" for day in days if day},
        iranian_holidays=settings.office_iranian_holidays,
        timezone=settings.office_timezone,
    )


def _holiday(text: str) -> date:
    try:
        return read_date(text)
    except ValueError:
        raise SettingsError(
            "PEYK_OFFICE_HOLIDAYS: write dates with commas between, e.g. 2027-03-10,1406-01-05"
        ) from None
