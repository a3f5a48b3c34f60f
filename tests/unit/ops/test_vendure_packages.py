"""The real Vendure of the tests is brought in once by its lock; without a network it is missed, in CI that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from peyk.launcher.install import InstallError
from peyk.launcher.node import NODE_BIN, find_node, has_packages
from tests.unit.ops.test_widget_build import BOTH, calls, put_node
from tests.vendure.bring import FOLDER, bring


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the lock, and stand-ins for Node on the path."""
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "package-lock.json").write_text("{}")
    put_node(tmp_path / "tools", tmp_path, "v20.20.2")
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:/usr/bin:/bin")
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def test_it_is_brought_once_by_its_lock(project: Path) -> None:
    assert not has_packages(project / FOLDER)
    for _ in range(2):
        bring(project)
    assert calls(project) == BOTH[:1]
    assert has_packages(project / FOLDER)


def test_packages_of_another_lock_are_none(project: Path) -> None:
    bring(project)
    (project / FOLDER / "package-lock.json").write_text('{"x": 1}')
    assert not has_packages(project / FOLDER)
    bring(project)
    assert calls(project) == BOTH[:1] * 2
    assert has_packages(project / FOLDER)


def test_without_a_network_one_line_says_what_is_missed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "broken").touch()
    bring(project)
    last = capsys.readouterr().out.splitlines()[-1]
    assert "skipped: tests/vendure could not be built (npm ci): what npm says is in var/logs/vendure.log;" in last
    assert not has_packages(project / FOLDER)


def test_in_ci_it_is_a_failure(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    (project / "broken").touch()
    with pytest.raises(InstallError, match=r"^tests/vendure could not be built"):
        bring(project)


def test_a_node_that_was_brought_is_found_where_the_user_has_none(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_node(project) == project / "tools"
    put_node(project / "tools", project, "v18.19.0")
    assert find_node(project) is None
    put_node(project / NODE_BIN, project, "v24.0.0")
    assert find_node(project) == project / NODE_BIN
