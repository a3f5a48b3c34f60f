"""Peyk's command line: what it prints, its exit codes, one line for every failure."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from peyk.adapters.clock import SystemClock
from peyk.settings import load_settings
from peyk.store.audit import StoredAudit
from peyk.store.engine import make_engine
from tests.unit.ops.cli_steps import Result, Run


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"port": "many"}, "peyk: PEYK_PORT: Input should be a valid integer"),
        ({"mode": "production"}, "peyk: PEYK_SECRET_KEY must be set to at least 32 characters outside demo mode"),
        ({"telegram_api": "http://shop.example"}, "peyk: PEYK_TELEGRAM_API: must begin with https://"),
        ({"telegram_api": "https://a.example/?x"}, "peyk: PEYK_TELEGRAM_API: must be a host and at most a path"),
        ({"telegram_api": ""}, "peyk: PEYK_TELEGRAM_API: must be the address of a Bot API"),
        ({"telegram_webhook_url": "shop.example"}, "peyk: PEYK_TELEGRAM_WEBHOOK_URL: must begin with https://"),
        ({"telegram_encoding": "xml"}, "peyk: PEYK_TELEGRAM_ENCODING: Input should be 'json' or 'form'"),
        ({"telegram_trust_contacts": "perhaps"}, "peyk: PEYK_TELEGRAM_TRUST_CONTACTS: Input should be a valid boolean"),
        (
            {"database_url": "mysql://root:hidden@db/x"},
            "peyk: PEYK_DATABASE_URL: use sqlite:///<file> or postgresql://",
        ),
        ({"database_url": "postgresql://root:a@b:hidden@db/x"}, "peyk: PEYK_DATABASE_URL: not a database URL"),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(run: Run, settings: dict[str, str], line: str) -> None:
    result = run("migrate", **settings)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith(line)
    assert "hidden" not in result.err


def test_a_database_that_is_away_is_one_line_and_exit_code_1(run: Run) -> None:
    result = run("migrate", database_url="postgresql://nobody:pass@127.0.0.1:1/nothing")
    assert result.code == 1
    assert result.err.splitlines() == ["peyk: store: OperationalError"]


def test_a_folder_that_cannot_be_made_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("migrate", data_dir=str(tmp_path / "file" / "var"))
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith("peyk: Not a directory")


@pytest.mark.parametrize(
    "command", [("demo", "--port", "70000"), ("nothing",), ("keys", "revoke"), ("demo", "--orders", "-1")]
)
def test_a_wrong_argument_is_no_traceback(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.code == 2
    assert "Traceback" not in result.err


@pytest.mark.parametrize("command", ["demo", "shell", "interactive", "seed"])
def test_the_demo_is_not_started_or_seeded_in_production(run: Run, command: str) -> None:
    result = run(command, mode="production", secret_key="s" * 40, run_secret="r" * 40)
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "demo" in result.err


def test_the_audit_of_the_demo_is_checked_with_the_key_it_keeps(run: Run, tmp_path: Path) -> None:
    assert run("migrate").code == 0
    assert run("audit", "verify") == Result(0, "the audit is whole\n", "")
    settings = load_settings()
    audit = StoredAudit(make_engine(settings.store_url), settings.secret_key.get_secret_value())
    for number in range(3):
        audit.append(at=SystemClock().now(), conversation_id="c1", event="otp.sent", subject=f"s{number}", detail={})
    assert run("audit", "verify").code == 0
    with sqlite3.connect(tmp_path / "var" / "peyk.db") as database:
        database.execute("UPDATE audit SET subject = 'other' WHERE seq = 2")
    database.close()
    result = run("audit", "verify")
    assert result.code == 1
    assert result.err.startswith("peyk: the audit is broken at row 2: ")


def test_a_key_is_shown_once_listed_and_revoked(run: Run) -> None:
    run("migrate")
    key = run("keys", "add", "shop backend").out.strip()
    assert key.startswith("pk_")
    listed = run("keys", "list").out
    assert key not in listed
    key_id = listed.split()[0]
    assert "in force" in listed
    assert "shop backend" in listed
    assert run("keys", "revoke", key_id).out == f"{key_id} is revoked\n"
    assert "revoked 2" in run("keys", "list").out
    again = run("keys", "revoke", key_id)
    assert (again.code, again.err) == (1, f"peyk: no key in force has the id {key_id}: see `peyk keys list`\n")


def test_settings_are_shown_without_their_secrets(run: Run) -> None:
    result = run("settings", "check", secret_key="k" * 40, order_prefix="AB-")
    assert result.code == 0
    assert "PEYK_ORDER_PREFIX=AB-" in result.out
    assert "PEYK_LOG_FILE=\n" in result.out
    assert "kkkk" not in result.out


def test_a_database_password_is_not_shown(run: Run) -> None:
    shown = run("settings", "check", database_url="postgresql://peyk:hunter2@db/shop").out
    assert "PEYK_DATABASE_URL=postgresql://peyk:***@db/shop" in shown


def test_seeding_again_is_as_good_as_seeding_once(run: Run) -> None:
    assert run("seed", "--orders", "5") == Result(0, "the demo shop is seeded: its stories and 5 further orders\n", "")
    assert run("seed", "--orders", "5").code == 0
