"""Bytes on disk: under names nobody can guess, for Peyk's user only, whole or not at all."""

from __future__ import annotations

import os
import stat
import time
from datetime import timedelta
from pathlib import Path

import pytest

from peyk.adapters.files.disk import DiskBlobs
from peyk.errors import Unavailable

HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def blobs(folder: Path) -> DiskBlobs:
    return DiskBlobs(folder)


def all_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_written_is_read(blobs: DiskBlobs) -> None:
    name = blobs.write(b"content")
    path = blobs.path(name)
    assert path is not None
    assert path.read_bytes() == b"content"
    assert blobs.write(b"content") != name


def test_only_its_user_can_read_it(blobs: DiskBlobs) -> None:
    path = blobs.path(blobs.write(b"content"))
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_half_written_is_there(blobs: DiskBlobs, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(Unavailable):
        blobs.write(b"content")
    assert all_of(folder) == []


@pytest.mark.parametrize("name", ["../../../etc/passwd", "", "x" * 40, "..", "a" * 39, "A" * 40])
def test_no_other_name_leads_anywhere(blobs: DiskBlobs, name: str) -> None:
    assert blobs.path(name) is None
    blobs.delete(name)


def test_what_is_deleted_is_gone(blobs: DiskBlobs, folder: Path) -> None:
    name = blobs.write(b"content")
    blobs.delete(name)
    blobs.delete(name)
    assert blobs.path(name) is None
    assert all_of(folder) == []


def test_what_is_old_is_found_and_what_is_new_is_not(blobs: DiskBlobs, folder: Path) -> None:
    new, old, cut = blobs.write(b"new"), blobs.write(b"old"), blobs.write(b"cut")
    moment = time.time() - 3700
    for name in (old, cut):
        path = blobs.path(name)
        assert path is not None
        os.utime(path, (moment, moment))
    half = blobs.path(cut)
    assert half is not None
    half.rename(half.with_suffix(".part"))
    assert set(blobs.older_than(HOUR)) == {old, cut}
    blobs.delete(cut)
    assert blobs.older_than(HOUR) == [old]
    assert blobs.path(new) is not None


def test_where_nothing_was_written_there_is_nothing(blobs: DiskBlobs) -> None:
    assert blobs.older_than(HOUR) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(Unavailable):
        DiskBlobs(tmp_path / "files").write(b"content")
