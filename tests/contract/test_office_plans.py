"""Office hours in the store: changed by one at a time, in force at once, known while the store is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import Engine

from peyk.domain.office_hours import SATURDAY
from peyk.errors import SettingsError, Unavailable
from peyk.settings import load_settings
from peyk.store.office_hours import StoredOfficePlans
from tests.contract.desks import Shop
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW, FakeClock

WEEK = {SATURDAY: ((time(10), time(12)), (time(14), time(0)))}


def test_the_settings_count_until_somebody_changes_them(engine: Engine, clock: FakeClock) -> None:
    shop = Shop(engine, clock, office_week="sat 09:00-10:00", office_holidays="1405-12-19, 2027-03-11")
    assert not shop.office.current().is_open(NOW)
    assert {date(2027, 3, 10), date(2027, 3, 11), date(2027, 3, 21)} <= shop.office.current().holidays
    plan = replace(shop.office.plan(), weekly=WEEK, holidays={date(2027, 3, 12): " عید "}, iranian_holidays=False)
    assert shop.office.change(plan, "lead")
    kept = Shop(engine, clock).office.plan()
    assert kept == replace(plan, version=1, holidays={date(2027, 3, 12): "عید"})
    assert shop.office.current().holidays == {date(2027, 3, 12)}
    assert shop.audit.events() == ["office_hours.changed"]


def test_of_two_changes_at_once_one_is_kept(engine: Engine, clock: FakeClock) -> None:
    shop = Shop(engine, clock)
    plan = shop.office.plan()
    results = in_parallel(lambda index: shop.office.change(plan, f"lead{index}"))
    assert sorted(map(bool, results)) == [False] * 7 + [True]
    assert shop.office.change(shop.office.plan(), "lead")
    assert shop.office.plan().version == 2


def test_a_plan_that_cannot_be_is_refused(engine: Engine, clock: FakeClock) -> None:
    office = Shop(engine, clock).office
    plan = office.plan()
    for bad in (replace(plan, weekly={}), replace(plan, timezone="Mars/Olympus"), replace(plan, timezone="../etc")):
        with pytest.raises(ValueError, match=r"open hour|time zone"):
            office.change(bad, "lead")
    assert office.plan().version == 0


def test_while_the_store_is_away_the_last_known_hours_count(
    engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Shop(engine, clock).office
    office.change(replace(office.plan(), weekly=WEEK), "lead")
    known = office.current()

    def fail(_self: StoredOfficePlans) -> None:
        raise Unavailable("store")

    monkeypatch.setattr(StoredOfficePlans, "current", fail)
    assert office.current() == known


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFICE_WEEK", "sometimes"),
        ("OFFICE_TIMEZONE", "Mars/Olympus"),
        ("SLA_VIP", "15"),
        ("SLA_L1", "0/60"),
    ],
)
def test_a_wrong_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"PEYK_{name}", value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_holidays_that_cannot_be_read_stop_the_start(engine: Engine, clock: FakeClock) -> None:
    with pytest.raises(SettingsError, match="PEYK_OFFICE_HOLIDAYS"):
        Shop(engine, clock, office_holidays="2026-02-30")
