"""`peyk adapters`, `peyk doctor`, `peyk settings check`: what they say of systems outside, and their exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from peyk.adapters.clock import SystemClock
from peyk.settings import load_settings
from peyk.store.engine import make_engine
from peyk.store.system_states import StoredSystemStates
from peyk.store.unknown_codes import StoredUnknownCodes
from tests.fakes.postex import KEY, SHIRAZ, FakePostex
from tests.fakes.sms import KAVENEGAR_KEY, SMSIR_KEY, TEMPLATE, TEMPLATE_ID, FakeKavenegar, FakeSmsIr
from tests.fakes.vendor_http import Fault
from tests.unit.ops.cli_steps import Result, Run

PASSWORD = "hunter2"


@pytest.fixture
def vendor() -> Iterator[FakeKavenegar]:
    with FakeKavenegar() as server:
        yield server


@pytest.fixture
def doctor(run: Run, vendor: FakeKavenegar) -> Run:
    """Run `peyk doctor` in a shop with Kavenegar and a store."""
    run("migrate")

    def call(*_: str, **settings: str) -> Result:
        own = {"kavenegar_key": KAVENEGAR_KEY, "kavenegar_template": TEMPLATE, "kavenegar_url": vendor.url}
        return run("doctor", **{"sms": "kavenegar", **own, "systems_tries": "1", "deadline_s": "1", **settings})

    return call


def line_of(result: Result, name: str) -> str:
    (line,) = [each for each in result.out.splitlines() if f" {name} " in each]
    return line


def test_every_adapter_of_ours_is_listed_and_each_of_its_settings_has_a_meaning(run: Run) -> None:
    listed = run("adapters", sms="kavenegar")
    assert listed.code == 0
    assert "* sms       kavenegar" in listed.out
    assert "  sms       smsir" in listed.out
    for line in listed.out.splitlines():
        if line.lstrip().startswith("PEYK_"):
            _, _, meaning = line.strip().partition(" ")
            assert not meaning.strip().startswith("("), line


def test_a_system_that_is_well(doctor: Run) -> None:
    result = doctor()
    assert (result.code, result.err) == (0, "")
    assert line_of(result, "kavenegar").startswith("ok    sms       kavenegar    reachable; credentials taken; clock")
    assert "credit 125000 rial" in result.out
    assert "  -   shop      the demo" in result.out
    assert KAVENEGAR_KEY not in result.out


def test_a_system_that_cannot_be_reached(doctor: Run) -> None:
    result = doctor(kavenegar_url="http://127.0.0.1:1")
    assert result.code == 1
    assert line_of(result, "kavenegar").startswith("FAIL  sms       kavenegar    not reachable. it does not answer")
    assert result.err == "peyk: something needs to be seen to\n"
    assert KAVENEGAR_KEY not in result.out


def test_credentials_that_are_refused(doctor: Run) -> None:
    wrong = "another-key-than-theirs"
    result = doctor(kavenegar_key=wrong)
    assert result.code == 1
    assert "reachable; credentials refused" in line_of(result, "kavenegar")
    assert "the credentials are refused" in result.out
    assert wrong not in result.out + result.err


@pytest.mark.parametrize("ahead_s", [600, -600])
def test_a_clock_that_is_off(doctor: Run, vendor: FakeKavenegar, ahead_s: int) -> None:
    vendor.clock_ahead_s = ahead_s
    result = doctor()
    assert result.code == 1
    assert "set the clock of this machine or of theirs" in line_of(result, "kavenegar")


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED, Fault.RESET, Fault.RATE_LIMITED, Fault.BAD_GATEWAY])
def test_a_system_in_trouble_is_a_line_with_advice_and_without_secrets(
    doctor: Run, vendor: FakeKavenegar, fault: Fault
) -> None:
    vendor.fail(fault, times=9)
    result = doctor()
    assert result.code == 1
    line = line_of(result, "kavenegar")
    assert line.startswith("FAIL")
    assert ". " in line
    assert KAVENEGAR_KEY not in result.out + result.err
    assert "Traceback" not in result.err


def test_one_in_trouble_does_not_hide_the_next(doctor: Run) -> None:
    with FakeSmsIr() as other:
        result = doctor(
            sms="nobody, smsir, kavenegar",
            smsir_url=other.url,
            smsir_key=SMSIR_KEY,
            smsir_template=str(TEMPLATE_ID),
            kavenegar_template="",
            payments="zarinpal",
        )
    assert result.code == 1
    assert "there is no adapter `nobody` for sms; there are: kavenegar, smsir, smtp" in line_of(result, "nobody")
    assert line_of(result, "smsir").startswith("ok")
    assert line_of(result, "zarinpal").endswith("PEYK_ZARINPAL_MERCHANT: must be set")


def test_codes_nobody_knows_are_listed_with_what_the_vendor_said(doctor: Run) -> None:
    codes = StoredUnknownCodes(make_engine(load_settings().store_url), SystemClock())
    for _ in range(3):
        codes.count("tipax", "X9", "held\x1b[2J at a depot")
    result = doctor()
    assert result.code == 0
    assert '  ?   tipax: code `X9` 3 times, "held [2J at a depot"' in result.out


CSV_MAPPING = """money: rial
columns: {number: 'No', mobile: Phone, status: State, placed_at: Date, total: Sum, email: Mail}
statuses: {sent: shipped}
"""
SQL_MAPPING = """money: rial
orders: {table: orders, columns: {number: n, mobile: phone, status: state, placed_at: at, total: sum}}
statuses: {new: paid}
"""


class TestCodesByMail:
    SMTP = {"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_sender": "shop@example.com"}  # noqa: RUF012

    def told(self, run: Run, **settings: str) -> list[str]:
        result = run("doctor", **{"sms": "smtp", **self.SMTP, **settings})
        return [line for line in result.out.splitlines() if "  smtp: " in line]

    def test_without_a_shop_nobodys_address_is_known(self, run: Run) -> None:
        run("migrate")
        why = "smtp: no code goes out by mail: no connected shop knows mail addresses (PEYK_SHOP)"
        assert self.told(run) == [f"FAIL  {why}"]
        # Others bring them.
        assert self.told(run, sms="kavenegar,smtp", kavenegar_key="k", kavenegar_template="t") == [f"  !   {why}"]

    def test_a_shop_whose_orders_have_none_is_named_once_all_are_read(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "mapping.yml").write_text(CSV_MAPPING, encoding="utf-8")
        folder = tmp_path / "orders"
        folder.mkdir()
        rows = "No,Phone,State,Date,Sum,Mail\nTS-1,09121234567,sent,2026-11-20 10:00,100,"
        (folder / "a.csv").write_text(f"{rows}\n", encoding="utf-8")
        own = {"shop": "csv", "csv_folder": str(folder), "csv_mapping": str(tmp_path / "mapping.yml")}
        run("migrate", **own)
        assert self.told(run, **own) == []
        assert run("shop", "fill").code == 0
        assert self.told(run, **own) == ["FAIL  smtp: no code goes out by mail: no order of csv has a mail address"]
        (folder / "b.csv").write_text(f"{rows.replace('TS-1', 'TS-2')}sara@example.com\n", encoding="utf-8")
        assert run("shop", "fill").code == 0
        assert self.told(run, **own) == []

    def test_a_database_without_a_column_for_it_is_named(self, run: Run, tmp_path: Path) -> None:
        mapping = tmp_path / "mapping.yml"
        mapping.write_text(SQL_MAPPING, encoding="utf-8")
        run("migrate")
        own = {"shop": "sql", "sql_url": f"sqlite:///{tmp_path / 'shop.db'}", "sql_mapping": str(mapping)}
        assert self.told(run, **own) == ["FAIL  smtp: no code goes out by mail: sql tells no mail addresses"]
        mapping.write_text(SQL_MAPPING.replace("number: n,", "number: n, email: mail,"), encoding="utf-8")
        assert self.told(run, **own) == []


def test_without_a_store_it_says_so(run: Run) -> None:
    result = run("doctor", database_url=f"postgresql://peyk:{PASSWORD}@127.0.0.1:1/none")
    assert result.code == 1
    assert "FAIL  store" in result.out
    assert PASSWORD not in result.out + result.err


def test_settings_of_the_connected_systems_are_shown_without_their_secrets(run: Run) -> None:
    shown = run("settings", "check", sms="kavenegar", kavenegar_key=KAVENEGAR_KEY, kavenegar_template=TEMPLATE)
    assert shown.code == 0
    assert f"PEYK_KAVENEGAR_TEMPLATE={TEMPLATE}\n" in shown.out
    assert "PEYK_KAVENEGAR_KEY=***" in shown.out
    assert KAVENEGAR_KEY not in shown.out
    assert "PEYK_SMSIR" not in shown.out


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"sms": "kavenegar"}, "peyk: PEYK_KAVENEGAR_KEY: must be set"),
        (
            {"sms": "kavenegar", "kavenegar_key": "k", "kavenegar_template": "t", "kavenegar_cost_rial": "-5"},
            "peyk: PEYK_KAVENEGAR_COST_RIAL: Input should be greater than or equal to 0",
        ),
        ({"sms": "pigeon"}, "peyk: there is no adapter `pigeon` for sms; there are: kavenegar, smsir, smtp"),
        ({"carriers": "kavenegar"}, "peyk: there is no adapter `kavenegar` for carrier; there are: "),
    ],
)
def test_a_wrong_setting_of_a_system_is_one_line_that_names_it(run: Run, settings: dict[str, str], line: str) -> None:
    result = run("settings", "check", **settings)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith(line)


@pytest.mark.parametrize("command", ["adapters", "doctor"])
def test_what_is_held_off_at_the_moment_is_told(doctor: Run, run: Run, command: str) -> None:
    states = StoredSystemStates(make_engine(load_settings().store_url), SystemClock())
    now = SystemClock().now()
    states.hold_off("kavenegar", "rate_limited", now, now + timedelta(minutes=5))
    states.hold_off("woocommerce:index", "unavailable", now, now + timedelta(minutes=5))
    states.hold_off("zarinpal", "unavailable", now - timedelta(minutes=5), now)
    result = run("adapters") if command == "adapters" else doctor()
    assert result.code == 0
    told = sorted(each[6:] for each in result.out.splitlines() if "held off" in each)
    assert [line.partition(" by ")[0] for line in told] == ["kavenegar: held off", "woocommerce:index: held off"]
    assert ["(rate_limited) since" in line for line in told] == [True, False]


def test_the_doctor_looks_at_prices(run: Run, tmp_path: Path) -> None:
    run("migrate")
    cities = tmp_path / "cities.yml"
    cities.write_text(f"Shiraz: {SHIRAZ}", encoding="utf-8")
    with FakePostex() as server:
        own = {"postex_url": server.url, "postex_api_key": KEY, "postex_from_city": "1", "postex_cities": str(cities)}
        well = run("doctor", quotes="postex", **own)
        assert (well.code, well.err) == (0, "")
        assert "read: Shiraz for 590000 rial" in line_of(well, "postex")
        assert line_of(well, "postex").startswith("ok    prices")
        assert "CITIES must be set" in line_of(run("doctor", quotes="postex", postex_from_city=""), "postex")
    assert "tells no prices" in line_of(run("doctor", quotes="dhl", dhl_api_key="k"), "dhl")
