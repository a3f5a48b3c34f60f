"""The child process: what breaks a decoder costs one file."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, Thread

import pytest

from peyk.adapters.files import cleaner
from peyk.adapters.files.cleaner import ChildCleaner
from peyk.domain.files import JPEG, PDF, PNG
from peyk.errors import Unavailable
from peyk.ports.files import FileRefused
from tests.fakes.evidence import bomb, document, opened, photo, picture


def refused(child: ChildCleaner, raw: bytes, media_type: str) -> str:
    with pytest.raises(FileRefused) as caught:
        child.clean(raw, media_type)
    return caught.value.code


def worker(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Have the children run `code` in the place of the worker."""
    (folder / "stand_in.py").write_text(code)
    monkeypatch.setattr(cleaner, "ROOT", folder)
    monkeypatch.setattr(cleaner, "WORKER", "stand_in")


def test_it_cleans() -> None:
    child = ChildCleaner()
    found = child.clean(photo(), JPEG)
    assert found.media_type == JPEG
    assert opened(found.content).size == (48, 32)
    assert child.clean(document(), PDF).content.startswith(b"%PDF-")


def test_it_refuses() -> None:
    child = ChildCleaner()
    assert refused(child, b"nothing", JPEG) == "type"
    assert refused(child, picture(), PNG) == "broken"
    assert refused(child, bomb(), PNG) == "broken"
    assert refused(child, picture() + b"<script>", JPEG) == "broken"


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.kill(os.getpid(), 11)",
        "import sys; sys.exit(3)",
        "print('[1]')",
        'print(\'{"media_type": "image/jpeg"}\')',
        "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')",
    ],
    ids=["crash", "exit", "list", "nothing", "garbage"],
)
def test_a_child_that_dies_or_talks_nonsense(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    worker(monkeypatch, tmp_path, code)
    assert refused(ChildCleaner(), picture(), JPEG) == "broken"


def test_a_child_that_never_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    worker(monkeypatch, tmp_path, "while True: pass")
    assert refused(ChildCleaner(timeout_s=0.5), picture(), JPEG) == "broken"


def test_nothing_of_ours_is_in_the_childs_reach(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PEYK_SECRET_KEY", "k" * 40)
    code = (
        "import json, os, sys\n"
        'sys.stdout.buffer.write(b\'{"media_type": "image/jpeg"}\\n\' + json.dumps(dict(os.environ)).encode())'
    )
    worker(monkeypatch, tmp_path, code)
    assert b"PEYK" not in ChildCleaner().clean(picture(), JPEG).content


def test_the_child_limits_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    child = (
        "import resource, peyk.adapters.files.worker as w; w.limit();"
        "assert resource.getrlimit(resource.RLIMIT_AS)[0] == w.MEMORY_BYTES;"
        "assert resource.getrlimit(resource.RLIMIT_CPU)[0] == w.CPU_S;"
        "x = bytearray(2 * w.MEMORY_BYTES)"
    )
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", child], cwd=cleaner.ROOT, capture_output=True, text=True, check=False)
    assert "MemoryError" in done.stderr


def test_so_many_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pipe = tmp_path / "go"
    os.mkfifo(pipe)
    worker(monkeypatch, tmp_path, f"open({str(pipe)!r}).read()")
    child, begun = ChildCleaner(at_once=1, wait_s=0.05), Event()

    def first() -> None:
        begun.set()
        refused(child, picture(), JPEG)

    thread = Thread(target=first)
    thread.start()
    begun.wait()
    # The pipe opens for writing when the child reads it: it has its place.
    with pipe.open("w"):
        assert refused(child, picture(), JPEG) == "busy"
    thread.join()


def test_no_child_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cleaner, "ROOT", tmp_path / "nowhere")
    with pytest.raises(Unavailable):
        ChildCleaner().clean(picture(), JPEG)
