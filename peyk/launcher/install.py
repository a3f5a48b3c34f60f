"""Builds the two environments from `uv.lock`; the first thing `make` runs, on the standard library alone.

Run with the Python 3.11 both environments shall use: `python3.11 -m peyk.launcher.install`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from peyk.launcher.console import complain, say, step

MIN_UV = (0, 8, 0)
UV_FOLDER = ".venv-uv"
# What both environments, their downloads and compiled files take; measured, rounded up.
NEEDED_BYTES = 5 * 1024**3
FULL_BYTES = 64 * 1024**2


class InstallError(Exception):
    """The environments cannot be built; the message is one line that says what to do."""


@dataclass(frozen=True)
class Environment:
    """One environment: its folder, what `uv sync` selects for it, and what it is for."""

    folder: str
    selection: tuple[str, ...]
    purpose: str


ENVIRONMENTS = (
    Environment(".venv-rasa", ("--only-group", "rasa"), "Rasa"),
    Environment(".venv", (), "edge, actions and tests"),
)


def check_python(version: tuple[int, int]) -> None:
    """Raise InstallError unless this is Python 3.11."""
    if version != (3, 11):
        found = ".".join(map(str, version))
        raise InstallError(f"Python 3.11 is needed, this is {found}: install it, or `make PYTHON=/path/to/python3.11`")


def check_disk(root: Path, needed: int = NEEDED_BYTES) -> None:
    """Raise InstallError when the disk under `root` cannot hold the environments."""
    free = shutil.disk_usage(root).free
    if free < needed:
        raise InstallError(
            f"not enough disk space: {free / 1024**3:.1f} GB free, {needed / 1024**3:.1f} GB needed; "
            "free some and start again"
        )


def uv_version(uv: str) -> tuple[int, ...] | None:
    """Return the version of the uv at `uv`, or None when it cannot be run."""
    try:
        answer = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", answer.stdout)
    return tuple(int(part) for part in match.groups()) if match else None


def find_uv(root: Path) -> str | None:
    """Return a uv that is new enough: the user's own, or the one brought in before."""
    for candidate in (shutil.which("uv"), str(root / UV_FOLDER / "bin" / "uv")):
        if candidate and (uv_version(candidate) or ()) >= MIN_UV:
            return candidate
    return None


def bring_uv(root: Path) -> str:
    """Install uv with pip into a folder of the project and return its path.

    Debian's Python comes without `ensurepip`: where no environment can be made, pip itself may still be there.
    """
    folder = root / UV_FOLDER
    wanted = f"uv>={'.'.join(map(str, MIN_UV))}"
    plain = [sys.executable, "-m", "venv", "--clear", str(folder)]
    if _quietly(plain) and _quietly([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", wanted]):
        return str(folder / "bin" / "uv")
    if _quietly([sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(folder), wanted]):
        return str(folder / "bin" / "uv")
    check_disk(root, FULL_BYTES)
    raise InstallError(
        "uv could not be installed: check the network, and that Python has pip or venv "
        "(Debian: apt-get install python3.11-venv)"
    )


def stamp_of(root: Path, environment: Environment) -> str:
    """Return what an environment depends on, as one hash: the lock, the project file, the interpreter."""
    digest = hashlib.sha256()
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((root / name).read_bytes())
    digest.update(f"{sys.version} {' '.join(environment.selection)}".encode())
    return digest.hexdigest()


def is_current(root: Path, environment: Environment) -> bool:
    """Tell whether the environment was built from what lies in the project now."""
    folder = root / environment.folder
    try:
        stamp = (folder / ".peyk-stamp").read_text()
    except OSError:
        return False
    return stamp == stamp_of(root, environment) and (folder / "bin" / "python").exists()


def sync(root: Path, uv: str, environment: Environment) -> None:
    """Make one environment equal to the lock. Raises InstallError with one line."""
    settings = {**os.environ, "UV_PROJECT_ENVIRONMENT": environment.folder, "UV_PYTHON_DOWNLOADS": "never"}
    settings.pop("VIRTUAL_ENV", None)
    command = [uv, "sync", "--frozen", "--compile-bytecode", "--python", sys.executable, *environment.selection]
    log = root / "var" / "logs" / f"install{environment.folder}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if sys.stderr.isatty():
        code = subprocess.run(command, cwd=root, env=settings, check=False).returncode
    else:
        with log.open("wb") as out:
            code = subprocess.run(
                command, cwd=root, env=settings, stdout=out, stderr=subprocess.STDOUT, check=False
            ).returncode
    if code:
        check_disk(root, FULL_BYTES)
        where = "above" if sys.stderr.isatty() else f"in {log.relative_to(root)}"
        raise InstallError(f"{environment.folder} could not be built: what uv says is {where}; start again to go on")
    (root / environment.folder / ".peyk-stamp").write_text(stamp_of(root, environment))


def install(root: Path) -> None:
    """Build what is missing or no longer equal to the lock; nothing when all is current."""
    check_python(sys.version_info[:2])
    stale = [environment for environment in ENVIRONMENTS if not is_current(root, environment)]
    if not stale:
        return
    missing = [environment for environment in stale if not (root / environment.folder).exists()]
    check_disk(root, NEEDED_BYTES * len(missing) // len(ENVIRONMENTS) or FULL_BYTES)
    uv = find_uv(root)
    if uv is None:
        with step("bringing in uv"):
            uv = bring_uv(root)
    for number, environment in enumerate(stale, start=1):
        with step(f"environment {number} of {len(stale)}: {environment.folder} ({environment.purpose})"):
            sync(root, uv, environment)


def _quietly(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def in_one_line(work: Callable[[Path], int | None]) -> int:
    """Do some work in the current folder and return its exit code; 1 and one line when it fails or is stopped."""
    try:
        return work(Path.cwd()) or 0
    except InstallError as exc:
        complain(str(exc))
    except OSError as exc:
        complain(f"{exc.strerror or exc}: {exc.filename or 'the project folder'}")
    except KeyboardInterrupt:
        say("stopped; start again to go on")
    return 1


def main() -> int:
    """Build the environments of the project in the current folder; 1 and one line when that fails."""
    return in_one_line(install)


if __name__ == "__main__":
    sys.exit(main())
