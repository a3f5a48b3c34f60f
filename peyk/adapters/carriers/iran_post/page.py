"""What stands on the tracking page of Iran Post. Pure.

`#pnlResult` has rows: one with a Jalali day (`.newtdheader`), then lines of four cells (`.newtddata`): number,
description, place, HH:MM; the newest first [C]. Where there is no `#pnlResult` the parcel is unknown, or the page has
changed, or something else answered: only what the page itself says in words counts as "not found".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from lxml import etree, html

from peyk.adapters.carriers._moments import moment
from peyk.adapters.carriers._spelling import pattern, plain
from peyk.adapters.carriers._told import Scan, Told
from peyk.errors import BadAnswer, NotFound, SettingsError

_HIDDEN = ("__VIEWSTATE", "__VIEWSTATEGENERATOR", "__EVENTVALIDATION")
_CELLS = 4
_CLOCK = re.compile(r"\d:\d\d")

Element = Any


@dataclass(frozen=True)
class Names:
    """Ids and classes of the page, and its words for "not found"."""

    result: str
    row: str
    day: str
    cell: str
    info: str
    form: str
    not_found: Sequence[re.Pattern[str]]

    @classmethod
    def load(cls, own: Path | None) -> Names:
        """Read `page.yml`; lines of a shop's own file replace ours. Raises SettingsError."""
        read: dict[str, Any] = yaml.safe_load(files(__package__ or "").joinpath("page.yml").read_text(encoding="utf-8"))
        try:
            read |= yaml.safe_load(own.read_text(encoding="utf-8")) or {} if own else {}
            not_found = [pattern(each) for each in read.pop("not_found")]
            return cls(**{name: str(value) for name, value in read.items()}, not_found=not_found)
        except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError, re.error):
            raise SettingsError(f"the names of post's page in {own} cannot be read: compare page.yml") from None


def hidden_fields(system: str, page: str, names: Names) -> dict[str, str]:
    """Return the hidden fields of the form. Raises BadAnswer where it is not there."""
    root = _parsed(system, page)
    found = {name: root.xpath("string(//input[@name=$name]/@value)", name=name) for name in _HIDDEN}
    if not found[_HIDDEN[0]] or not root.xpath("//*[@id=$name or @name=$name]", name=names.form):
        raise BadAnswer(system, "its form is not where it should be")
    return {name: value for name, value in found.items() if value}


def to_told(system: str, page: str, names: Names) -> Told:
    """Return what the page says of a parcel. Raises NotFound only where it says so itself, else BadAnswer."""
    root = _parsed(system, page)
    results = root.xpath("//*[@id=$name]", name=names.result)
    if not results:
        said = [plain(each) for each in root.xpath("//text()[not(ancestor::script) and not(ancestor::style)]")]
        # Where times of day stand, a history does, under another name: then no words make the parcel vanish.
        if not _CLOCK.search(" ".join(said)) and any(each.search(text) for text in said for each in names.not_found):
            raise NotFound(system)
        raise BadAnswer(system, "neither a result nor words that there is none: has the page changed?")
    scans = _scans(system, results[0], names)
    if not scans and (_CLOCK.search(_words(results[0])) or not root.xpath("//*[@id=$name]", name=names.info)):
        # Times of day stand there, and are read by nothing of ours; or no parcel is named.
        raise BadAnswer(system, "a result that cannot be read: has the page changed?")
    return Told(scans, newest_first=True, known=True)


def _scans(system: str, result: Element, names: Names) -> list[Scan]:
    day = ""
    lines: dict[Element, tuple[str, list[str]]] = {}
    for node in result.xpath(f".//*[{_has('day')} or {_has('cell')}]", day=names.day, cell=names.cell):
        if names.day in node.get("class", "").split():
            day = _words(node)
            continue
        # Rows may stand in rows: a cell is of the innermost.
        for row in node.xpath(f"ancestor::*[{_has('row')}][1]", row=names.row):
            lines.setdefault(row, (day, []))[1].append(_words(node))
    return [_scan(system, *line) for line in lines.values()]


def _scan(system: str, day: str, cells: Sequence[str]) -> Scan:
    at = moment(day, cells[3]) if len(cells) == _CELLS else None
    if at is None or not cells[1]:
        raise BadAnswer(system, "a line of its history that cannot be read")
    return Scan(at, words=cells[1], place=cells[2])


def _has(name: str) -> str:
    """Return what tells in XPath whether an element has the class in the variable `name`, among others."""
    return f"contains(concat(' ', normalize-space(@class), ' '), concat(' ', ${name}, ' '))"


def _words(element: Element) -> str:
    # Links stand for more about a postman; they are no words of the history.
    return " ".join(" ".join(element.xpath(".//text()[not(ancestor::a)]")).split())


def _parsed(system: str, page: str) -> Element:
    root = None
    if "\0" not in page and page.strip():
        try:
            root = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
        except (etree.LxmlError, ValueError):
            root = None
    if root is None:
        raise BadAnswer(system, "no page at all")
    return root
