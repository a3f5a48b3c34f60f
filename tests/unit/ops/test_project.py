"""The project files say what they promise: help, phony targets, imports that need nothing installed."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TARGETS = sorted(set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)))
PROMISED = {"demo", "test", "check", "train", "validate", "shell", "interactive", "actions", "bench", "clean", "help"}
# Files both environments, or no environment at all, must be able to import.
STANDARD_ONLY = [
    *sorted((ROOT / "peyk" / "text").rglob("*.py")),
    *(
        ROOT / "peyk" / "launcher" / name
        for name in ("__init__.py", "console.py", "install.py", "guard.py", "node.py", "widget.py")
    ),
    ROOT / "tests" / "vendure" / "bring.py",
]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the project."""
    assert shutil.which("make")
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_is_the_default_and_explains_every_target() -> None:
    shown = make().stdout
    assert shown == make("help").stdout
    for target in TARGETS:
        assert re.search(rf"^  make {target} +\S", shown, flags=re.MULTILINE), target


def test_every_promised_target_is_there_and_phony() -> None:
    text = (ROOT / "Makefile").read_text()
    assert set(TARGETS) >= PROMISED
    assert set(re.findall(r"^\.PHONY: (\S+)$", text, flags=re.MULTILINE)) == set(TARGETS)


def test_a_missing_python_is_one_line() -> None:
    result = make("setup", "PYTHON=/no/such/python")
    assert result.returncode
    assert result.stderr.splitlines()[0].startswith("peyk: Python 3.11 is needed: install it")


def test_ci_runs_what_a_developer_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert script.rstrip().endswith("exec make test")
    assert "set -euo pipefail" in script


@pytest.mark.parametrize("path", STANDARD_ONLY, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_runs_everywhere_imports_the_standard_library_only(path: Path) -> None:
    own = {"peyk.text", "peyk.launcher", "peyk.errors"}
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            standard = name.partition(".")[0] in sys.stdlib_module_names
            assert standard or ".".join(name.split(".")[:2]) in own, f"{name} in {path.name}"
