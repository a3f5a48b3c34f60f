"""Builds the customer's widget from `widget/` with Node, on the standard library alone; skipped when nothing changed.

The console's htmx comes from the same packages.

`python -m peyk.launcher.widget` builds, with `test` it checks and tests the widget's code, `format` formats it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from peyk.launcher.console import step
from peyk.launcher.install import in_one_line
from peyk.launcher.node import STAMP, bring_node, environment, node_on_path, npm, packages, run_npm, stamp_in, stamp_of

SOURCES = Path("widget")
BUILT = Path("peyk/web/widget")
HTMX = Path("peyk/web/console/static/htmx.min.js")
# What the bundle is made of; tests and formatting change nothing in it.
INPUTS = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "vite.config.ts", "src")
TASKS = {"test": ("check", "test"), "format": ("format",)}


def is_built(root: Path) -> bool:
    """Tell whether the bundle was made of what lies in `widget/` now."""
    there = (root / BUILT / "peyk.js").exists() and (root / HTMX).exists()
    return there and stamp_in(root / BUILT) == stamp_of(root / SOURCES, INPUTS)


def build(root: Path) -> None:
    """Build the bundle when its inputs changed. Raises InstallError with one line."""
    if is_built(root):
        return
    node = node_on_path() or bring_node(root)
    with step("the customer's widget"):
        packages(root, node, SOURCES)
        run_npm(root, node, SOURCES, "run", "build")
        run_npm(root, node, SOURCES, "run", "console")
        (root / BUILT / STAMP).write_text(stamp_of(root / SOURCES, INPUTS))


def task(root: Path, name: str) -> int:
    """Run one of the widget's own tasks and show what it says; return its exit code."""
    node = node_on_path() or bring_node(root)
    packages(root, node, SOURCES)
    for script in TASKS[name]:
        command = [*npm(node), "run", "--silent", script]
        code = subprocess.run(command, cwd=root / SOURCES, env=environment(node), check=False).returncode
        if code:
            return code
    return 0


def main(arguments: list[str]) -> int:
    """Build the widget of the project in the current folder, or run a task; 1 and one line when it fails."""
    return in_one_line(lambda root: task(root, arguments[0]) if arguments else build(root))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
