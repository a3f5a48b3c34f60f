"""Reads one file of exported orders: any of three encodings and three delimiters; bad rows are named by their line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from peyk.adapters.orders._reading import Unreadable
from peyk.adapters.orders._rows import ITEM_FIELDS, RowRules, to_order
from peyk.ports.shops import ShopOrder
from peyk.text.digits import to_ascii_digits
from peyk.text.normalise import normalise

DELIMITERS = (",", ";", "\t")
MAX_CELL = 64 * 1024
# Written for people who look, not for those who type: these letters are one and the same.
_LETTERS = str.maketrans({"\u064a": "\u06cc", "\u0643": "\u06a9"})
# What a spreadsheet makes of a long number.
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
_EXACT = ("number", "id", "mobile", "tracking_code")


class WrongFile(ValueError):
    """A file that is no export of the mapping's kind; the message says why."""


@dataclass(slots=True)
class RawOrder:
    """The rows of one order as they were written; `line` is where the first of them begins."""

    line: int
    rows: list[tuple[str, ...]]


@dataclass(slots=True)
class RawFile:
    """The orders of one file by their ids, not read yet, and the lines that are none, with why."""

    names: tuple[str, ...]
    orders: dict[str, RawOrder] = field(default_factory=dict)
    bad: list[tuple[int, str]] = field(default_factory=list)

    def order(self, order_id: str, rules: RowRules, otherwise: Any) -> ShopOrder:
        """Return an order; `otherwise` is when it changed where no column says so. Raises Unreadable."""
        raw = self.orders[order_id]
        rows = [self._named(cells) for cells in raw.rows]
        own: dict[str, Any] = {**rows[-1], "id": order_id}
        for name in _EXACT:
            if _ROUNDED.fullmatch((own.get(name) or "").strip()):
                raise Unreadable(f"{name} was rounded by a spreadsheet: export that column as text")
        if not own.get("changed_at"):
            own["changed_at"] = otherwise
        return to_order(own, [row for row in rows if row.get("title")], (), rules)

    def _named(self, cells: tuple[str, ...]) -> dict[str, str | None]:
        return {name: cell or None for name, cell in zip(self.names, cells, strict=True)}


def read_file(content: bytes, columns: Mapping[str, str]) -> RawFile:
    """Return the orders of a file. Raises WrongFile."""
    text = _decoded(content)
    delimiter, header, body = _header(text, columns)
    places = [header.index(_plain(title)) for title in columns.values()]
    raw = RawFile(tuple(columns))
    id_at = raw.names.index("id" if "id" in columns else "number")
    own = [i for i, name in enumerate(raw.names) if name not in ITEM_FIELDS]
    first = text.count("\n", 0, body) + 1
    for line, cells in _rows(text[body:], delimiter, first):
        if isinstance(cells, str):
            raw.bad.append((line, cells))
        elif len(cells) != len(header):
            raw.bad.append((line, f"it has {len(cells)} cells under {len(header)} headers"))
        else:
            _add(raw, line, tuple(cells[place].strip() for place in places), id_at, own)
    return raw


def _add(raw: RawFile, line: int, cells: tuple[str, ...], id_at: int, own: list[int]) -> None:
    order_id = to_ascii_digits(cells[id_at])
    if not order_id:
        raw.bad.append((line, f"{raw.names[id_at]} is empty"))
        return
    known = raw.orders.get(order_id)
    if known is None or any(known.rows[-1][i] != cells[i] for i in own):
        # Another state of the same order: what stands further down is newer.
        raw.orders.pop(order_id, None)
        raw.orders[order_id] = RawOrder(line, [cells])
    elif cells not in known.rows:
        known.rows.append(cells)


def _rows(text: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each row that is not empty with the line it begins in, or why it cannot be read."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = first + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, "a cell is too long: is a quotation mark missing?"
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header(text: str, columns: Mapping[str, str]) -> tuple[str, list[str], int]:
    """Return the delimiter, the headers, and where the rows begin."""
    start = 0
    # A line of Excel's own may stand before the headers.
    if text[:4].lower() == "sep=":
        start = text.find("\n") + 1
    wanted = {_plain(title): title for title in columns.values()}
    best: tuple[int, str, list[str], int] = (-1, "", [], 0)
    for delimiter in DELIMITERS:
        stream = io.StringIO(text[start:], newline="")
        try:
            header = [_plain(cell) for cell in next(csv.reader(stream, delimiter=delimiter), [])]
        except csv.Error:
            continue
        score = len(wanted.keys() & set(header))
        if score > best[0]:
            best = (score, delimiter, header, start + stream.tell())
    _, delimiter, header, body = best
    missing = [title for plain, title in wanted.items() if plain not in header]
    if missing:
        raise WrongFile(f"there is no column called {', '.join(f'«{title}»' for title in missing)}")
    return delimiter, header, body


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1256")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.translate(_LETTERS) if encoding == "cp1256" else text
    raise WrongFile("it is no text in UTF-8 or Windows-1256")


def _plain(title: str) -> str:
    return "".join(normalise(title).casefold().replace("\u200c", "").split())
