"""`peyk office`: the week and the holidays, read and changed."""

from __future__ import annotations

import pytest

from tests.unit.ops.cli_steps import Result, Run

CHANGED = Result(0, "the office hours are changed\n", "")


def test_the_week_and_its_holidays(run: Run) -> None:
    run("migrate")
    shown = run("office", "show").out
    assert "thu 09:00-13:00" in shown
    assert "fri" not in shown
    assert "holidays of fixed date count" in shown
    assert run("office", "week", "sat-fri 00:00-24:00") == CHANGED
    assert run("office", "holiday", "1405-12-19", "عید فطر") == CHANGED
    assert run("office", "holiday", "2027-03-11") == CHANGED
    assert run("office", "workday", "2027-03-11") == CHANGED
    shown = run("office", "show").out
    assert "fri 00:00-24:00" in shown
    assert "2027-03-10  عید فطر" in shown
    assert "2027-03-11" not in shown


@pytest.mark.parametrize(
    "command", [("week", "always"), ("week", ""), ("holiday", "tomorrow"), ("workday", "2027-02-30")]
)
def test_what_cannot_be_read_is_one_line(run: Run, command: tuple[str, ...]) -> None:
    run("migrate")
    result = run("office", *command)
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "Traceback" not in result.err
