"""The trained model of what lies in the project now; trained when it is not there yet."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from peyk.launcher.console import say, step
from peyk.launcher.processes import POLL_S, LaunchError, Program, StopFlag, Stopped, Supervisor
from peyk.launcher.stack import QUIET, RASA_PYTHON, for_rasa
from peyk.nlu.encoder_files import mark_of

DATA = ("config.yml", "domain.yml", "data")
CODE = ("peyk/nlu", "peyk/text")
PACKAGES = ("rasa", "scikit_learn", "spacy", "hazm", "numpy", "tokenizers", "transformers")
HASH_CHARS = 16
KEPT_MODELS = 3


def code_hash(root: Path) -> str:
    """Return the hash of what a change of makes everything trained before worthless: components and versions."""
    digest = hashlib.sha256()
    _add_files(digest, root, CODE)
    for line in _versions(root):
        digest.update(line.encode())
    return digest.hexdigest()[:HASH_CHARS]


def model_hash(root: Path) -> str:
    """Return the hash of every input of the model: configuration, domain, data, components, versions, encoder."""
    digest = hashlib.sha256(code_hash(root).encode())
    _add_files(digest, root, DATA)
    if folder := os.environ.get("PEYK_ENCODER_DIR"):
        digest.update(mark_of(Path(folder)).encode())
    return digest.hexdigest()[:HASH_CHARS]


def model_path(root: Path) -> Path:
    """Return where the model of the present inputs is, or will be."""
    return root / "models" / f"{model_hash(root)}.tar.gz"


def ensure_model(root: Path, processes: Supervisor, stop: StopFlag | None = None, *, force: bool = False) -> Path:
    """Return the model of the present inputs; train it once, however many ask at the same time.

    `force` trains every part anew, whatever is there.
    Raises LaunchError with the log's name when the training fails.
    """
    path = model_path(root)
    if path.exists() and not force:
        return path
    with _only_one(root / "models" / ".lock", stop):
        if force or not path.exists():
            _train(root, path, processes, stop, force=force)
    return path


def _train(root: Path, path: Path, processes: Supervisor, stop: StopFlag | None, *, force: bool) -> None:
    log = root / "var" / "logs" / "train.log"
    log.unlink(missing_ok=True)
    cache = root / ".rasa" / "cache" / code_hash(root)
    # Under another name until it is whole: an interrupted training must not look like a model.
    unfinished = f"training-{os.getpid()}.tar.gz"
    python = str(root / RASA_PYTHON)
    program = Program(
        name="training",
        command=(
            *(python, "-m", "peyk.connector", "train", "--out", "models", "--fixed-model-name", unfinished),
            # Validating reads all data a second time; `make validate` and `make check` do it.
            "--skip-validation",
            *(("--force",) if force else ()),
        ),
        # Rasa's cache knows the configuration of a component, not its code.
        env={**for_rasa(os.environ), **QUIET, "RASA_CACHE_DIRECTORY": str(cache)},
        cwd=root,
        log=log,
    )
    try:
        with step("training the model"):
            processes.run(program, stop)
        (root / "models" / unfinished).replace(path)
    except FileNotFoundError:
        raise LaunchError(f"the training left no model; its log is {log.relative_to(root)}") from None
    finally:
        (root / "models" / unfinished).unlink(missing_ok=True)
    _tidy(path, cache)


def _tidy(path: Path, cache: Path) -> None:
    """Keep the newest models and the cache of the present code."""
    models = sorted(path.parent.glob("*.tar.gz"), key=lambda model: model.stat().st_mtime, reverse=True)
    for old in models[KEPT_MODELS:]:
        old.unlink(missing_ok=True)
    for folder in cache.parent.glob("*/"):
        if folder != cache:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _only_one(path: Path, stop: StopFlag | None) -> Iterator[None]:
    """Hold a lock file; wait while another process trains."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        if not _locked(file):
            say("  another process is training; waiting for it …")
            while not _locked(file):
                if stop:
                    raise Stopped("training")
                time.sleep(POLL_S)
        yield


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _add_files(digest: hashlib._Hash, root: Path, names: tuple[str, ...]) -> None:
    for name in names:
        place = root / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"\0{file.relative_to(root)}\0".encode())
                digest.update(file.read_bytes())


def _versions(root: Path) -> list[str]:
    site = root / ".venv-rasa" / "lib" / "python3.11" / "site-packages"
    return sorted(info.name for package in PACKAGES for info in site.glob(f"{package}-*.dist-info"))
