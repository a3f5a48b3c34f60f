"""A folder of exported orders as a feed: what stands in a later file takes the place of what an earlier one says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from peyk.adapters.orders._reading import Unreadable
from peyk.adapters.orders._rows import RowRules
from peyk.adapters.orders.csv.mapping import CsvMapping
from peyk.adapters.orders.csv.reader import RawFile, WrongFile, read_file
from peyk.errors import BadAnswer, NotFound, Unavailable
from peyk.ports.shops import OrdersPage, ShopOrder

SYSTEM = "csv"
# What is still being written has another name.
ENDINGS = frozenset({".csv", ".txt", ".tsv"})
_Signature = tuple[tuple[str, int, int], ...]


def arrived(path: Path) -> datetime:
    """Return when a file came, or was written last: a file that is moved keeps the time it was written."""
    seen = path.stat()
    return datetime.fromtimestamp(max(seen.st_mtime, seen.st_ctime), UTC)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an order stands."""

    name: str
    raw: RawFile
    at: datetime


@dataclass(frozen=True, slots=True)
class _Folder:
    """Everything the files say; `bad` are names of files and lines, with why and since when."""

    places: dict[str, _Place]
    bad: tuple[tuple[str, str, datetime], ...]


class CsvFeed:
    """Reads the files of a folder (the port `OrderFeed`)."""

    system = SYSTEM

    def __init__(
        self,
        folder: Path,
        mapping: CsvMapping,
        rules: RowRules,
        page_size: int,
        arrived: Callable[[Path], datetime] = arrived,
    ) -> None:
        self._folder = folder
        self._mapping = mapping
        self._rules = rules
        self._size = page_size
        self._arrived = arrived
        self._lock = threading.Lock()
        self._read: tuple[_Signature, _Folder] | None = None
        self._files: dict[tuple[str, int, int], RawFile | str] = {}

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        """Return a page of what changed, or came with a file, at or after a moment; bad rows at first."""
        folder = self._look()
        bad = [name for name, _, at in folder.bad if changed_since is None or at >= changed_since]
        unreadable = bad if cursor is None else []
        new = [key for key, place in folder.places.items() if changed_since is None or place.at >= changed_since]
        rest = sorted(key for key in new if cursor is None or key > cursor)
        orders = []
        for key in rest[: self._size]:
            try:
                orders.append(self._order(key, folder.places[key]))
            except Unreadable:
                unreadable.append(self._line(key, folder.places[key]))
        more = rest[self._size - 1] if len(rest) > self._size else None
        return OrdersPage(tuple(orders), more, len(new), tuple(unreadable))

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound."""
        place = self._look().places.get(source_id)
        if place is None:
            raise NotFound(SYSTEM)
        try:
            return self._order(source_id, place)
        except Unreadable as exc:
            raise BadAnswer(SYSTEM, f"{self._line(source_id, place)}: {exc}") from None

    def bad_rows(self) -> list[str]:
        """Return every row that cannot be read: its file, its line, and why."""
        folder = self._look()
        found = [f"{name}: {why}" for name, why, _ in folder.bad]
        for key, place in folder.places.items():
            try:
                self._order(key, place)
            except Unreadable as exc:
                found.append(f"{self._line(key, place)}: {exc}")
        return found

    def _order(self, key: str, place: _Place) -> ShopOrder:
        return place.raw.order(key, self._rules, place.at)

    @staticmethod
    def _line(key: str, place: _Place) -> str:
        return f"{place.name}:{place.raw.orders[key].line}"

    def _look(self) -> _Folder:
        """Return what the files say; they are read again when they have changed."""
        with self._lock:
            try:
                found = [path for path in self._folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file()]
                stats = {path: path.stat() for path in found}
                times = {path: self._arrived(path) for path in found}
                signature = tuple(sorted((each.name, s.st_mtime_ns, s.st_size) for each, s in stats.items()))
                if self._read is not None and self._read[0] == signature:
                    return self._read[1]
                self._files = {key: self._file(key) for key in signature}
            except OSError as exc:
                reason = type(exc).__name__
            else:
                folder = _merged({path.name: times[path] for path in found}, self._files)
                self._read = (signature, folder)
                return folder
        raise Unavailable(SYSTEM, f"the folder cannot be read ({reason})")

    def _file(self, key: tuple[str, int, int]) -> RawFile | str:
        known = self._files.get(key)
        if known is not None:
            return known
        try:
            return read_file((self._folder / key[0]).read_bytes(), self._mapping.columns)
        except WrongFile as exc:
            return str(exc)


def _merged(times: dict[str, datetime], files: dict[tuple[str, int, int], RawFile | str]) -> _Folder:
    places: dict[str, _Place] = {}
    bad: list[tuple[str, str, datetime]] = []
    for name, *_ in sorted(files, key=lambda key: (times[key[0]], key[0])):
        raw = next(each for key, each in files.items() if key[0] == name)
        at = times[name]
        if isinstance(raw, str):
            bad.append((name, raw, at))
            continue
        bad += [(f"{name}:{line}", why, at) for line, why in raw.bad]
        places |= {key: _Place(name, raw, at) for key in raw.orders}
    return _Folder(places, tuple(bad))
