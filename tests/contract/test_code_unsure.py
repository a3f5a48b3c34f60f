"""A vendor that takes a code and answers late or not at all: the code is good, and what it may cost counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from peyk.bootstrap import App, build
from peyk.domain.identity import OtpOutcome
from peyk.errors import SettingsError
from peyk.settings import Settings
from peyk.store.engine import reading
from peyk.store.tables import code_sends
from tests.fakes.sms import KAVENEGAR_KEY, SMSIR_KEY, TEMPLATE, TEMPLATE_ID, FakeKavenegar, FakeSmsIr
from tests.fakes.vendor_http import Fault
from tests.unit.services.fakes import CALLER, FakeClock

MOBILE = "09121234567"
# What the vendor has when it says nothing, or less than a whole answer.
TAKEN = [Fault.SLOW, Fault.RESET, Fault.CUT_OFF]

MakeApp = Callable[..., App]


@pytest.fixture
def kavenegar(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKavenegar]:
    with FakeKavenegar() as server:
        monkeypatch.setenv("PEYK_KAVENEGAR_URL", server.url)
        monkeypatch.setenv("PEYK_KAVENEGAR_KEY", KAVENEGAR_KEY)
        monkeypatch.setenv("PEYK_KAVENEGAR_TEMPLATE", TEMPLATE)
        monkeypatch.setenv("PEYK_KAVENEGAR_COST_RIAL", "200")
        yield server


@pytest.fixture
def smsir(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSmsIr]:
    with FakeSmsIr() as server:
        monkeypatch.setenv("PEYK_SMSIR_URL", server.url)
        monkeypatch.setenv("PEYK_SMSIR_KEY", SMSIR_KEY)
        monkeypatch.setenv("PEYK_SMSIR_TEMPLATE", str(TEMPLATE_ID))
        monkeypatch.setenv("PEYK_SMSIR_COST_RIAL", "300")
        yield server


@pytest.fixture
def app_of(engine: Engine, clock: FakeClock, tmp_path: Path) -> Iterator[MakeApp]:
    """Return how to wire a Peyk that waits a second at most."""
    made: list[App] = []

    def make(sms: str, **changes: Any) -> App:
        plain: dict[str, Any] = {"_env_file": None, "secret_key": "s" * 32, "run_secret": "r" * 32, "deadline_s": 1.0}
        url = engine.url.render_as_string(hide_password=False)
        made.append(
            build(Settings(**(plain | {"database_url": url, "data_dir": tmp_path, "sms": sms} | changes)), clock)
        )
        return made[-1]

    yield make
    for app in made:
        app.close()


def ask(app: App, **more: Any) -> OtpOutcome:
    return app.identity.request(CALLER, MOBILE, "fa", **more).outcome


def kept(engine: Engine) -> list[tuple[str, str, int]]:
    """What counts: vendor, state and price of each message."""
    columns = code_sends.c
    with reading(engine) as connection:
        rows = connection.execute(select(columns.system, columns.state, columns.cost_rial).order_by(columns.system))
        return [(row.system, row.state, row.cost_rial) for row in rows]


@pytest.mark.parametrize("fault", TAKEN)
def test_a_code_that_may_arrive_is_good_and_the_wait_counts(
    app_of: MakeApp, engine: Engine, smsir: FakeSmsIr, fault: Fault
) -> None:
    app = app_of("smsir")
    smsir.fail(fault, done=True)
    assert ask(app) is OtpOutcome.SENT
    assert ask(app, resend=True) is OtpOutcome.TOO_SOON
    assert kept(engine) == [("smsir", "unsure", 300)]
    (arrived,) = smsir.sent.values()
    assert app.identity.check(CALLER, arrived.code).outcome is OtpOutcome.VERIFIED


@pytest.mark.parametrize("fault", TAKEN)
def test_the_caps_count_what_may_have_been_sent(app_of: MakeApp, smsir: FakeSmsIr, fault: Fault) -> None:
    by_count, by_price = app_of("smsir", sms_per_day=1, otp_resend_s=0), app_of("smsir", sms_rial_per_day=300)
    smsir.fail(fault, done=True)
    assert ask(by_count) is OtpOutcome.SENT
    assert ask(by_count) is OtpOutcome.UNDELIVERABLE
    assert ask(by_price) is OtpOutcome.UNDELIVERABLE
    assert len(smsir.sent) == 1


@pytest.mark.parametrize("fault", TAKEN)
def test_both_count_where_the_next_vendor_takes_over(
    app_of: MakeApp, engine: Engine, kavenegar: FakeKavenegar, smsir: FakeSmsIr, fault: Fault
) -> None:
    app = app_of("kavenegar,smsir", sms_per_day=2, otp_resend_s=0)
    kavenegar.fail(fault, done=True)
    assert ask(app) is OtpOutcome.SENT
    assert {each.code for each in kavenegar.sent.values()} == {each.code for each in smsir.sent.values()}
    assert kept(engine) == [("kavenegar", "unsure", 200), ("smsir", "handed_over", 300)]
    assert ask(app) is OtpOutcome.UNDELIVERABLE


def test_a_code_the_first_may_have_taken_is_good_though_the_last_refused(
    app_of: MakeApp, engine: Engine, kavenegar: FakeKavenegar, smsir: FakeSmsIr
) -> None:
    app = app_of("kavenegar,smsir")
    kavenegar.fail(Fault.RESET, done=True)
    smsir.refuse = 102
    assert ask(app) is OtpOutcome.SENT
    assert kept(engine) == [("kavenegar", "unsure", 200)]
    (arrived,) = kavenegar.sent.values()
    assert app.identity.check(CALLER, arrived.code).outcome is OtpOutcome.VERIFIED


def test_who_says_that_it_failed_is_believed_and_counts(app_of: MakeApp, engine: Engine, smsir: FakeSmsIr) -> None:
    app = app_of("smsir")
    smsir.fail(Fault.BAD_GATEWAY)
    assert ask(app) is OtpOutcome.UNDELIVERABLE
    assert kept(engine) == [("smsir", "unsure", 300)]
    assert ask(app) is OtpOutcome.SENT


def test_whom_nobody_reaches_has_taken_nothing(
    app_of: MakeApp, engine: Engine, smsir: FakeSmsIr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEYK_SMSIR_URL", "http://127.0.0.1:1")
    assert ask(app_of("smsir")) is OtpOutcome.UNDELIVERABLE
    assert kept(engine) == []


def test_while_a_vendor_is_held_off_nothing_is_unsure(app_of: MakeApp, smsir: FakeSmsIr) -> None:
    app = app_of("smsir", breaker_failures=1, otp_resend_s=0)
    smsir.fail(Fault.RESET)
    assert ask(app) is OtpOutcome.SENT
    assert ask(app) is OtpOutcome.UNDELIVERABLE
    assert len(smsir.calls) == 1


@pytest.mark.usefixtures("kavenegar", "smsir")
def test_a_cap_in_rial_needs_the_price_of_every_vendor(app_of: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAVENEGAR", "SMSIR"):
        with monkeypatch.context() as patched:
            patched.delenv(f"PEYK_{name}_COST_RIAL")
            with pytest.raises(SettingsError, match=f"^PEYK_{name}_COST_RIAL: must be set.*$"):
                app_of("kavenegar,smsir", sms_rial_per_day=300)
            app_of("kavenegar,smsir")
