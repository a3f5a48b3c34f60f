"""The office hours a shop has entered. Implements the port `OfficePlans`."""

from __future__ import annotations

import json
from datetime import date, datetime

from sqlalchemy import Engine, select

from peyk.domain.office_plan import OfficePlan, read_week, write_week
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import office_hours


class StoredOfficePlans:
    """Every version of the office hours; the highest is in force (the port `OfficePlans`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def current(self) -> OfficePlan | None:
        """Return the plan in force; None while nobody has entered one."""
        newest = select(office_hours).order_by(office_hours.c.version.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).one_or_none()
        return _read(row.plan, row.version) if row else None

    def replace(self, plan: OfficePlan, by: str, now: datetime) -> bool:
        """Keep a plan as the next version of the one it was made from; False when another was faster."""
        row = {"version": plan.version + 1, "plan": _write(plan), "by": by, "at": now}
        with writing(self._engine) as connection:
            new = insert_into(connection, office_hours).values(row).on_conflict_do_nothing()
            made = connection.execute(new.returning(office_hours.c.version))
            return made.scalar_one_or_none() is not None


def _write(plan: OfficePlan) -> str:
    return json.dumps(
        {
            "week": write_week(plan.weekly),
            "holidays": {day.isoformat(): name for day, name in sorted(plan.holidays.items())},
            "iranian_holidays": plan.iranian_holidays,
            "timezone": plan.timezone,
        },
        ensure_ascii=False,
    )


def _read(text: str, version: int) -> OfficePlan:
    kept = json.loads(text)
    return OfficePlan(
        weekly=read_week(kept["week"]),
        holidays={date.fromisoformat(day): name for day, name in kept["holidays"].items()},
        iranian_holidays=kept["iranian_holidays"],
        timezone=kept["timezone"],
        version=version,
    )
