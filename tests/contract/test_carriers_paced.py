"""Carriers as the shop's customers reach them: with our own limits, behind a guard, in several processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from peyk.adapters._guard import Guard
from peyk.adapters._pace import Pace
from peyk.adapters._resilience import ResilientCarrier
from peyk.adapters.carriers._paced import PacedCarrier
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.bootstrap_systems import make_outside
from peyk.domain.shipments import DeliveryStatus
from peyk.errors import RateLimited
from peyk.ports.carrier import Carrier
from peyk.settings import Settings
from peyk.store.snapshots import StoredSnapshots
from tests.contract.carrier_subjects import Subject, code, of, subject_of
from tests.contract.carrier_subjects_abroad import ABROAD, seventeen
from tests.fakes import dhl, seventeentrack
from tests.fakes.carrier_stories import Case
from tests.unit.services.fakes import FakeClock


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with subject_of(next(vendor for vendor in ABROAD if vendor.name == request.param)) as made:
        yield made


def wired(subject: Subject, carrier: Carrier, guard: Guard, limits: str = "") -> Carrier:
    """A carrier as the shop's customers reach it."""
    return ResilientCarrier(PacedCarrier(carrier, Pace(carrier.id, limits), subject.clock), guard)


@pytest.fixture
def guard() -> Guard:
    """A guard that would hold off for an hour."""
    return Guard("carrier", deadline_s=5, failures=2, reset_s=3600)


@of("dhl")
def test_customers_who_ask_at_the_same_time_do_not_hold_the_carrier_off(subject: Subject, guard: Guard) -> None:
    carrier = wired(subject, subject.carrier(), guard, limits="1/5 second; 250/day")
    carrier.track(code(subject))
    for _ in range(7):
        with pytest.raises(RateLimited, match="our own limit"):
            carrier.track(code(subject))
    assert guard.state == "closed"
    assert len(subject.server.calls) == 1


@of("17track")
def test_a_quota_that_is_used_up_stops_new_codes_alone(subject: Subject, guard: Guard) -> None:
    server, carrier = seventeen(subject), wired(subject, subject.carrier(), guard)
    carrier.track(code(subject))
    server.quota = 0
    for case in (Case.IN_TRANSIT, Case.FAILED, Case.RETURNED):
        with pytest.raises(RateLimited, match="quota"):
            carrier.track(code(subject, case))
    assert carrier.track(code(subject)).status is DeliveryStatus.DELIVERED


@of("17track")
def test_strangers_cannot_use_up_the_quota(subject: Subject, guard: Guard) -> None:
    server, carrier = seventeen(subject), wired(subject, subject.carrier(registrations="2/day"), guard)
    for case in (Case.DELIVERED, Case.IN_TRANSIT):
        carrier.track(code(subject, case))
    for _ in range(3):
        with pytest.raises(RateLimited, match="our own limit"):
            carrier.track(code(subject, Case.FAILED))
    assert server.quota == 98
    assert carrier.track(code(subject)).status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize(
    ("subject", "env"),
    [
        ("dhl", {"API_KEY": dhl.KEY, "PACE": "2/day"}),
        ("17track", {"API_KEY": seventeentrack.KEY, "PACE": "1000/second", "REGISTRATIONS": "2/day"}),
    ],
    indirect=["subject"],
)
def test_every_process_counts_the_same_day(
    subject: Subject, env: dict[str, str], engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = subject.vendor.name
    path = "/track/v2.4" if name == "17track" else ""
    for key, value in {**env, "URL": f"{subject.server.url}{path}"}.items():
        monkeypatch.setenv(f"PEYK_{name.upper()}_{key}", value)

    def process() -> Carrier:
        plain: dict[str, Any] = {"_env_file": None, "secret_key": "s" * 32, "run_secret": "r" * 32, "carriers": name}
        gate, snapshots = FaultGate(engine), StoredSnapshots(engine)
        return make_outside(Settings(**plain), engine, clock, gate, snapshots, lambda *_: "").carriers[name]

    edge, actions = process(), process()
    edge.track(code(subject))
    actions.track(code(subject, Case.IN_TRANSIT))
    for each in (edge, actions, process()):
        with pytest.raises(RateLimited, match="our own limit"):
            each.track(code(subject, Case.FAILED))
