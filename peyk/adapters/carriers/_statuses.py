"""From a vendor's own codes to the two levels of `peyk.domain.shipments`, by a table a shop can change.

The table is YAML: the vendor's code, then `status`, and where wanted `reason`, `fa` and `en` (words for customers):

    DL: {status: delivered}
    DE: {status: delivery_failed, reason: consignee_not_home, en: Nobody was at home}

Where a vendor has words and no codes, a key that begins with `~` is a regular expression for them, in any spelling:

    ~cleared by customs: {status: in_transit}

Where one code is used for several things, an expression behind it narrows it down by the words:

    IT ~^out for delivery: {status: out_for_delivery}

Narrowed codes come before whole ones, these before expressions; of several that fit the first counts. A shop's own file
(`PEYK_<CARRIER>_STATUSES`) adds lines, before ours, and replaces ours. A code in neither is UNKNOWN and counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from peyk.adapters.carriers._spelling import pattern, plain
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.errors import SettingsError
from peyk.ports.systems import UnknownCodes

PATTERN = "~"
NARROWED = f" {PATTERN}"
_LONG_NUMBER = re.compile(r"\d{5,}")
_FIELDS = {"status", "reason", "fa", "en"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means, with words for customers in both languages."""

    status: DeliveryStatus
    reason: ExceptionReason | None
    fa: str
    en: str


class StatusTable:
    """The codes of one vendor."""

    def __init__(self, system: str, rows: Mapping[str, Mapping[str, str]], unknown: UnknownCodes) -> None:
        """Take the rows. Raises SettingsError for a status or a reason that does not exist."""
        self._system = system
        self._unknown = unknown
        self._lines = {_key(code): _row(system, code, row) for code, row in rows.items()}
        self._patterns: dict[str, list[tuple[re.Pattern[str], Mapping[str, str]]]] = {}
        for code, row in self._lines.items():
            if code.startswith(PATTERN) or NARROWED in code:
                of, _, expression = code.partition(PATTERN)
                self._patterns.setdefault(of.strip(), []).append((_pattern(system, code, expression), row))

    @classmethod
    def load(
        cls,
        system: str,
        package: str,
        own: Path | None,
        unknown: UnknownCodes,
        *,
        persian: bool = False,
        table: str = "statuses.yml",
    ) -> StatusTable:
        """Read a table of an adapter's package, then a shop's own file. Raises SettingsError.

        `persian`: what the vendor says in Persian is read by `persian.yml`, too.
        """
        rows = _read(files(package).joinpath(table).read_text(encoding="utf-8"), f"{table} of {system}")
        if persian:
            rows |= _read(files(__package__).joinpath("persian.yml").read_text(encoding="utf-8"), "persian.yml")
        made = cls(system, rows, unknown)
        return made.with_file(own) if own is not None else made

    def with_file(self, own: Path) -> StatusTable:
        """Return the table with the lines of a shop's own file, which come first. Raises SettingsError."""
        try:
            text = own.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise SettingsError(
                f"the statuses of {self._system} in {own} cannot be read: {type(exc).__name__}"
            ) from None
        added = {_key(code): row for code, row in _read(text, str(own)).items()}
        kept = {code: row for code, row in self._lines.items() if code not in added}
        return StatusTable(self._system, {**added, **kept}, self._unknown)

    def meaning(self, code: str, words: str = "", kind: str = "") -> Meaning:
        """Return what a code means; the vendor's own words stand where the table has none in their language.

        `kind` is the vendor's own coarser code: it decides where the finer one is unknown, which is counted all the
        same.
        """
        row = self._by_words(words, _key(code)) or self._lines.get(_key(code)) or self._by_words(words or code)
        if row is None:
            # Words may hold somebody's telephone.
            seen = _LONG_NUMBER.sub("#", words)
            self._unknown.count(self._system, seen if code == words else code, seen)
            row = self._lines.get(_key(kind)) or {"status": DeliveryStatus.UNKNOWN.value}
        status, reason = DeliveryStatus(row["status"]), row.get("reason")
        theirs = words.strip()
        ours = _words()[status.value]
        persian = any(unicodedata.name(char, "").startswith("ARABIC LETTER") for char in theirs)
        return Meaning(
            status,
            ExceptionReason(reason) if reason else None,
            fa=row.get("fa") or (theirs if persian else ours["fa"]),
            en=row.get("en") or (theirs if theirs and not persian else ours["en"]),
        )

    def _by_words(self, words: str, of: str = "") -> Mapping[str, str] | None:
        if of not in self._patterns:
            return None
        said = plain(words)
        return next((row for expression, row in self._patterns[of] if expression.search(said)), None)


def _pattern(system: str, code: str, expression: str) -> re.Pattern[str]:
    try:
        return pattern(expression)
    except re.error:
        raise SettingsError(f"the status {code} of {system} is no regular expression") from None


def _key(code: str) -> str:
    # An expression is no code: in some of its language a capital is another word.
    of, narrowed, expression = code.partition(NARROWED)
    return code if code.startswith(PATTERN) else f"{of.strip().casefold()}{narrowed}{expression}"


def _read(text: str, where: str) -> dict[str, dict[str, str]]:
    try:
        rows: Any = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        raise SettingsError(f"{where} is not YAML") from None
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise SettingsError(f"{where} must hold lines like `DL: {{status: delivered}}`")
    return {str(code): {str(name): str(value) for name, value in row.items()} for code, row in rows.items()}


def _row(system: str, code: str, row: Mapping[str, str]) -> Mapping[str, str]:
    unknown = set(row) - _FIELDS
    if unknown:
        raise SettingsError(f"the status {code} of {system} has no `{min(unknown)}`; there are {sorted(_FIELDS)}")
    for name, values in (("status", DeliveryStatus), ("reason", ExceptionReason)):
        value = row.get(name)
        if (value is None and name == "status") or (value is not None and value not in set(values)):
            raise SettingsError(f"the {name} of {code} of {system} must be one of {', '.join(sorted(values))}")
    return row


@cache
def _words() -> dict[str, dict[str, str]]:
    text = files("peyk.adapters.carriers").joinpath("words.yml").read_text(encoding="utf-8")
    words: dict[str, dict[str, str]] = yaml.safe_load(text)
    return words
