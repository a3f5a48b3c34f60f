"""Building the widget: when, with which Node, and the one line when something is missing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from peyk.launcher import node, widget
from peyk.launcher.install import InstallError
from tests.vendure import bring

ROOT = Path(__file__).resolve().parents[3]
# In the place of npm: notes what it is asked, and makes what would be made.
FAKE_NPM = """#!/bin/sh
echo "$*" >> "{note}"
[ -e "{broken}" ] && {{ echo "no network"; exit 1; }}
case "$1" in
  ci) mkdir -p node_modules;;
  run) mkdir -p ../peyk/web/widget ../peyk/web/console/static
    [ "$2" = build ] && echo built > ../peyk/web/widget/peyk.js || echo htmx > ../peyk/web/console/static/htmx.min.js;;
esac
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a widget, and stand-ins for Node on the path."""
    (tmp_path / "widget" / "src").mkdir(parents=True)
    (tmp_path / "widget" / "package-lock.json").write_text("{}")
    (tmp_path / "widget" / "src" / "index.ts").write_text("1")
    put_node(tmp_path / "tools", tmp_path, "v20.20.2")
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:/usr/bin:/bin")
    return tmp_path


def put_node(folder: Path, project: Path, version: str) -> None:
    """Put stand-ins for node and npm into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "node").write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo {version} || exec sh "$@"\n')
    (folder / "npm").write_text(FAKE_NPM.format(note=project / f"calls-{folder.name}", broken=project / "broken"))
    for tool in ("node", "npm"):
        (folder / tool).chmod(0o755)


def calls(project: Path, folder: str = "tools") -> list[str]:
    """Return what npm was asked."""
    note = project / f"calls-{folder}"
    return note.read_text().splitlines() if note.exists() else []


BUILD = ["run build", "run console"]
BOTH = ["ci --ignore-scripts --no-audit --no-fund", *BUILD]


def test_it_is_built_from_the_lock_and_runs_nothing_of_the_packages(project: Path) -> None:
    widget.build(project)
    assert calls(project) == BOTH


def test_a_second_time_nothing_is_done(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    widget.build(project)
    capsys.readouterr()
    widget.build(project)
    assert calls(project) == BOTH
    assert capsys.readouterr().out == ""


def test_a_changed_source_builds_and_installs_nothing(project: Path) -> None:
    widget.build(project)
    (project / "widget" / "src" / "index.ts").write_text("2")
    widget.build(project)
    assert calls(project) == [*BOTH, *BUILD]


def test_a_changed_lock_installs_too(project: Path) -> None:
    widget.build(project)
    (project / "widget" / "package-lock.json").write_text('{"x": 1}')
    widget.build(project)
    assert calls(project) == [*BOTH, *BOTH]


@pytest.mark.parametrize("lost", ["widget/peyk.js", "console/static/htmx.min.js"])
def test_what_is_lost_is_built_again(project: Path, lost: str) -> None:
    widget.build(project)
    (project / "peyk" / "web" / lost).unlink()
    widget.build(project)
    assert calls(project) == [*BOTH, *BUILD]


def test_an_old_node_is_not_used(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_node(project / "tools", project, "v18.19.0")
    brought = project / node.NODE_BIN
    put_node(brought, project, "v24.0.0")
    cli = brought.parent / node.NPM_CLI
    cli.parent.mkdir(parents=True)
    # As in the wheel: what lies beside node does not work, npm itself does.
    (brought / "npm").rename(cli)
    (brought / "npm").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setattr(node, "is_current", lambda *_: True)
    widget.build(project)
    assert calls(project) == []
    assert calls(project, "bin") == BOTH


def test_a_failure_is_one_line_and_tried_again(project: Path) -> None:
    (project / "broken").touch()
    for _ in range(2):
        with pytest.raises(InstallError, match=r"^widget could not be built \(npm ci\): .* var/logs/widget\.log;"):
            widget.build(project)
    (project / "broken").unlink()
    widget.build(project)
    assert calls(project) == [BOTH[0], BOTH[0], *BOTH]


@pytest.mark.parametrize("folder", [widget.SOURCES, bring.FOLDER], ids=str)
def test_the_lock_names_no_registry_and_a_hash_for_each_package(folder: Path) -> None:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    found = {name: package for name, package in lock["packages"].items() if name}
    assert found
    assert [name for name, package in found.items() if "resolved" in package] == []
    assert [name for name, package in found.items() if not package.get("integrity")] == []
    assert not re.search(r"https?://registry", json.dumps(lock))


@pytest.mark.parametrize("name", ["widget/node_modules", "tests/vendure/node_modules", "tests/vendure/node_modules/x"])
def test_packages_are_never_committed(name: str) -> None:
    ignored = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", name], cwd=ROOT, check=False)
    assert ignored.returncode == 0


@pytest.mark.parametrize("language", ["fa", "en"])
def test_no_text_stands_twice(language: str) -> None:
    source = (ROOT / "widget" / "src" / "locales" / f"{language}.json").read_text(encoding="utf-8")
    names = [name for name, _ in json.loads(source, object_pairs_hook=list)]
    assert len(names) == len(set(names))


def test_what_it_reads_is_there() -> None:
    assert [name for name in widget.INPUTS if not (ROOT / "widget" / name).exists()] == []
    assert shutil.which("make")
