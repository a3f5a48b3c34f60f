"""Has a child process look into files, a few at a time. Implements the port `FileCleaner`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

import structlog

from peyk.errors import Unavailable
from peyk.ports.files import Cleaned, FileRefused

log = structlog.get_logger(__name__)

WORKER = "peyk.adapters.files.worker"
ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_S = 20.0
AT_ONCE = 2
WAIT_S = 30.0


class ChildCleaner:
    """Cleans files in child processes (the port `FileCleaner`).

    A decoder is large, written in C and fed by strangers. In a process of its own a crash, an endless loop or a
    gigabyte of memory costs one refused file.
    """

    def __init__(self, *, timeout_s: float = TIMEOUT_S, at_once: int = AT_ONCE, wait_s: float = WAIT_S) -> None:
        """Prepare; a child is started for each file."""
        self._timeout_s = timeout_s
        self._wait_s = wait_s
        self._places = BoundedSemaphore(at_once)

    def clean(self, raw: bytes, media_type: str) -> Cleaned:
        """Return what can be seen of a file, made anew. Raises FileRefused, or Unavailable when no child starts."""
        if not self._places.acquire(timeout=self._wait_s):
            raise FileRefused("busy")
        try:
            out = self._run(raw)
        finally:
            self._places.release()
        head, _, content = out.partition(b"\n")
        said = _read(head)
        if said.get("refused"):
            raise FileRefused(str(said["refused"]))
        if said.get("media_type") != media_type or not content:
            raise FileRefused("broken")
        return Cleaned(media_type, content)

    def _run(self, raw: bytes) -> bytes:
        try:
            done = subprocess.run(
                [sys.executable, "-m", WORKER],
                input=raw,
                capture_output=True,
                cwd=ROOT,
                # Nothing of ours: no secret is in the reach of a decoder.
                env={"PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
                timeout=self._timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            log.warning("files.child_too_slow", size=len(raw))
            raise FileRefused("broken") from None
        except OSError as exc:
            raise Unavailable("files", type(exc).__name__) from exc
        if done.returncode != 0:
            log.warning("files.child_died", exit_code=done.returncode, size=len(raw))
        return done.stdout


def _read(head: bytes) -> dict[str, object]:
    try:
        said = json.loads(head)
    except ValueError:
        return {"refused": "broken"}
    return said if isinstance(said, dict) else {"refused": "broken"}
