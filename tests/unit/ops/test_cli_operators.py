"""`peyk operators`: the first of them, and what happens to them later."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.ops.cli_steps import Run

PASSWORD = re.compile(r"^password: [a-z2-9]{4}(-[a-z2-9]{4}){3}$", re.MULTILINE)


def test_the_first_operator_is_an_admin_whose_password_is_shown_once(run: Run) -> None:
    added = run("operators", "add", "Sara", "--name", "سارا")
    assert added.code == 0
    assert "sara is admin" in added.out
    found = PASSWORD.search(added.out)
    assert found
    listed = run("operators", "list")
    assert re.search(r"^sara +admin +active +سارا$", listed.out, re.MULTILINE)
    assert found.group() not in listed.out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "sara"), "taken"),
        (("add", "سارا"), "a login is"),
        (("reset", "nobody"), "no such operator"),
        (("disable", "nobody"), "no such operator"),
        (("disable", "sara"), "no active admin left"),
    ],
)
def test_what_cannot_be_is_one_line(run: Run, arguments: tuple[str, ...], why: str) -> None:
    run("operators", "add", "sara")
    result = run("operators", *arguments)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert why in result.err


def test_disabled_enabled_and_reset(run: Run) -> None:
    run("operators", "add", "sara")
    run("operators", "add", "ali", "--role", "agent", "--language", "en")
    assert run("operators", "disable", "ali").out.strip() == "ali is disabled"
    assert re.search(r"^ali +agent +disabled", run("operators", "list").out, re.MULTILINE)
    assert run("operators", "enable", "ali").out.strip() == "ali is active"
    assert PASSWORD.search(run("operators", "reset", "ALI").out)
    assert run("operators", "add", "eli", "--language", "de").code == 2


def test_the_demos_operator_is_made_once_and_its_password_kept_from_others(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "console.password"
    assert run("operators", "demo", str(kept)).code == 0
    password = kept.read_text()
    assert len(password) >= 16
    assert kept.stat().st_mode & 0o777 == 0o600
    again = run("operators", "demo", str(kept))
    assert (again.code, again.out, kept.read_text()) == (0, "", password)
    assert run("operators", "list").out.count("demo ") == 1


def test_a_lost_password_of_the_demo_is_made_anew(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "console.password"
    run("operators", "demo", str(kept))
    before = kept.read_text()
    kept.unlink()
    assert run("operators", "demo", str(kept)).code == 0
    assert kept.read_text() not in {"", before}


def test_a_password_changed_at_the_console_is_made_anew(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "console.password"
    run("operators", "demo", str(kept))
    run("operators", "reset", "demo")
    before = kept.read_text()
    assert run("operators", "demo", str(kept)).code == 0
    anew = kept.read_text()
    assert anew != before
    assert run("operators", "demo", str(kept)).code == 0
    assert kept.read_text() == anew


def test_outside_the_demo_there_is_no_such_operator(run: Run, tmp_path: Path) -> None:
    secret = "s" * 40
    env = {"mode": "production", "secret_key": secret, "run_secret": secret}
    refused = run("operators", "demo", str(tmp_path / "p"), **env)
    assert refused.code == 1
    assert not (tmp_path / "p").exists()
