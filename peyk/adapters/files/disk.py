"""Bytes in a folder of this machine. Implements the port `Blobs`."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from peyk.errors import Unavailable

SYSTEM = "files"
NAME_BYTES = 20
# Folders of a few hundred names each, for a million files.
SHARD_CHARS = 2
PART = ".part"
_NAME = re.compile(r"[0-9a-f]{40}", re.ASCII)


class DiskBlobs:
    """Files of random names below one folder, readable for Peyk's user only (the port `Blobs`)."""

    def __init__(self, folder: Path, wall_clock: Callable[[], float] = time.time) -> None:
        """Take the folder; it is made when it is needed. `wall_clock` is what the files' own times are read by."""
        self._folder = folder
        self._wall_clock = wall_clock

    def write(self, content: bytes) -> str:
        """Keep bytes so that they outlive a power cut; return their name."""
        name = secrets.token_hex(NAME_BYTES)
        path = self._path(name)
        part = path.with_suffix(PART)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            _fsync_folder(path.parent)
        except OSError as exc:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise Unavailable(SYSTEM, type(exc).__name__) from exc
        return name

    def path(self, name: str) -> Path | None:
        """Return where the bytes of a name lie, None when they are gone."""
        # The names come from the store; a path made of anything else is never followed.
        if not _NAME.fullmatch(name):
            return None
        path = self._path(name)
        return path if path.is_file() else None

    def delete(self, name: str) -> None:
        """Remove bytes; those that are gone already are no error."""
        if not _NAME.fullmatch(name):
            return
        for path in (self._path(name), self._path(name).with_suffix(PART)):
            try:
                path.unlink(missing_ok=True)
            except OSError as exc:
                raise Unavailable(SYSTEM, type(exc).__name__) from exc

    def older_than(self, age: timedelta) -> list[str]:
        """Return the names of what was written longer ago than `age`, half-written ones too."""
        before = self._wall_clock() - age.total_seconds()
        found = set()
        for path in self._folder.glob(f"{'[0-9a-f]' * SHARD_CHARS}/*"):
            # Another process may sweep at the same time.
            with suppress(FileNotFoundError):
                if _NAME.fullmatch(path.stem) and path.stat().st_mtime < before:
                    found.add(path.stem)
        return sorted(found)

    def _path(self, name: str) -> Path:
        return self._folder / name[:SHARD_CHARS] / name


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
