"""`peyk shop import FILE`: look at a file of exported orders, put it into the folder, and read it into the index."""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import FAILED, printable, the_engine, the_settings
from peyk.errors import SettingsError
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from peyk.adapters.orders.csv import CsvSettings
    from peyk.adapters.plugin import Parts

SHOWN = 20
_UNUSUAL = re.compile(r"[^\w-]+")


def import_file(
    file: Annotated[Path, typer.Argument(help="The exported orders, as PEYK_CSV_MAPPING describes them.")],
    check: Annotated[bool, typer.Option("--check", help="Only look at it.")] = False,
) -> None:
    """Read orders out of a CSV file into the index; bad rows are named and left out."""
    from peyk.cli.shop import fill

    own, parts = _settings()
    try:
        content = file.read_bytes()
    except OSError as exc:
        raise SettingsError(f"{file} cannot be read: {type(exc).__name__}") from None
    good, bad = _looked_at(own, parts, content)
    for line in bad[:SHOWN]:
        complain(printable(line))
    if len(bad) > SHOWN:
        complain(f"and {len(bad) - SHOWN} more")
    say(f"{file.name}: {good} orders can be read, {len(bad)} rows cannot")
    if not good:
        raise typer.Exit(FAILED)
    if not check:
        _kept(own.folder, file.stem, content)
        fill()


def _settings() -> tuple[CsvSettings, Parts]:
    from peyk.adapters.clock import SystemClock
    from peyk.adapters.orders.csv import PLUGIN
    from peyk.adapters.plugin import read_settings
    from peyk.bootstrap_systems import make_parts
    from peyk.domain.systems import SystemKind

    settings = the_settings()
    if settings.adapters(SystemKind.SHOP) != [PLUGIN.name]:
        raise SettingsError("PEYK_SHOP: only `csv` reads files: docs/connect.md")
    return read_settings(PLUGIN), make_parts(settings, the_engine(settings), SystemClock())


def _looked_at(own: CsvSettings, parts: Parts, content: bytes) -> tuple[int, list[str]]:
    """Return how many orders can be read, and what cannot."""
    from peyk.adapters.orders.csv import make_feed

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "line.csv").write_bytes(content)
        feed = make_feed(own.model_copy(update={"folder": Path(folder)}), parts)
        bad = feed.bad_rows()
        good, cursor = 0, None
        while True:
            page = feed.page(None, cursor)
            good, cursor = good + len(page.orders), page.cursor
            if cursor is None:
                return good, [each.replace("line.csv:", "line ", 1) for each in bad]


def _kept(folder: Path, stem: str, content: bytes) -> None:
    """Put a copy into the folder, whole or not at all; the same file again is no second one."""
    name = f"{_UNUSUAL.sub('-', stem)[:60]}-{hashlib.sha256(content).hexdigest()[:12]}"
    part = folder / f"{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(folder / f"{name}.csv")
    except OSError as exc:
        raise SettingsError(f"PEYK_CSV_FOLDER: {folder} cannot be written: {type(exc).__name__}") from None
