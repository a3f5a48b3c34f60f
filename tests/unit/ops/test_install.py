"""Building the environments: what is asked of uv, when, and the one line when something is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from peyk.launcher import install
from peyk.launcher.install import ENVIRONMENTS, InstallError

# In the place of uv: notes how it was called, and makes the environment it was asked for.
FAKE_UV = """#!/bin/sh
if [ "$1" = --version ]; then echo "uv VERSION"; exit; fi
echo "$UV_PROJECT_ENVIRONMENT: $*" >> "$(dirname "$0")/calls"
[ -e "$(dirname "$0")/broken" ] && { echo "No solution found"; exit 2; }
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin" && touch "$UV_PROJECT_ENVIRONMENT/bin/python"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a lock and a uv on the path that only notes what it is asked."""
    (tmp_path / "uv.lock").write_text("version = 1")
    (tmp_path / "pyproject.toml").write_text("[project]")
    write_uv(tmp_path, "0.13.9")
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:/usr/bin:/bin")
    return tmp_path


def write_uv(project: Path, version: str) -> None:
    """Put a stand-in for uv on the path of the test."""
    tool = project / "tools" / "uv"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text(FAKE_UV.replace("VERSION", version))
    tool.chmod(0o755)


def calls(project: Path) -> list[str]:
    """Return how uv was called."""
    note = project / "tools" / "calls"
    return note.read_text().splitlines() if note.exists() else []


def test_both_environments_are_built_from_the_lock(project: Path) -> None:
    install.install(project)
    assert calls(project) == [
        f".venv-rasa: sync --frozen --compile-bytecode --python {sys.executable} --only-group rasa",
        f".venv: sync --frozen --compile-bytecode --python {sys.executable}",
    ]


def test_a_second_time_nothing_is_done(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install.install(project)
    before = calls(project)
    capsys.readouterr()
    install.install(project)
    assert calls(project) == before
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_a_changed_lock_builds_them_anew(project: Path, name: str) -> None:
    install.install(project)
    (project / name).write_text("changed")
    install.install(project)
    assert len(calls(project)) == 2 * len(ENVIRONMENTS)


def test_a_lost_environment_is_built_alone(project: Path) -> None:
    install.install(project)
    (project / ".venv" / "bin" / "python").unlink()
    install.install(project)
    assert [call.partition(":")[0] for call in calls(project)] == [".venv-rasa", ".venv", ".venv"]


def test_a_failure_is_one_line_and_tried_again(project: Path) -> None:
    (project / "tools" / "broken").touch()
    for _ in range(2):
        with pytest.raises(InstallError, match=r"^\.venv-rasa could not be built: what uv says is in var/logs/install"):
            install.install(project)
    assert len(calls(project)) == 2
    assert "No solution found" in (project / "var/logs/install.venv-rasa.log").read_text()


def test_a_full_disk_is_one_line(project: Path) -> None:
    with pytest.raises(InstallError, match=r"^not enough disk space: [\d.]+ GB free, .* needed; free some"):
        install.check_disk(project, 10**18)


def test_another_python_is_one_line() -> None:
    install.check_python((3, 11))
    with pytest.raises(InstallError, match=r"^Python 3\.11 is needed, this is 3\.12: install it"):
        install.check_python((3, 12))


def test_an_old_uv_is_not_used(project: Path) -> None:
    write_uv(project, "0.5.0")
    assert install.find_uv(project) is None
    write_uv(project, "0.8.0")
    assert install.find_uv(project) == str(project / "tools" / "uv")


def test_without_network_or_pip_it_says_what_to_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = project / "tools" / "python"
    nothing.write_text("#!/bin/sh\nexit 1\n")
    nothing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(nothing))
    with pytest.raises(InstallError, match="uv could not be installed: check the network"):
        install.bring_uv(project)
