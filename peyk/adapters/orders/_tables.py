"""The tables by which a shop's own words become ours; each comes with its adapter, and a shop's file changes it.

    statuses:                     # the shop's status: ours
      shipped: {status: shipped}
    currencies: {IRT: 10}         # rial in one unit
    carriers: {my-courier: courier}

A section an adapter has beyond these (`tracking`, `states`, …) is its own matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from peyk.adapters.orders._reading import Unreadable, amount_of
from peyk.domain.money import RIAL, Money
from peyk.domain.orders import OrderStatus
from peyk.errors import SettingsError
from peyk.ports.systems import UnknownCodes
from peyk.text.carriers import CARRIER_NAMES

_CURRENCY = re.compile(r"[A-Z]{3}")
_GAPS = re.compile(r"[\s_\-\u200c]+")


class ShopTables:
    """The tables of one shop's system."""

    def __init__(self, system: str, sections: Mapping[str, Mapping[str, Any]], unknown: UnknownCodes) -> None:
        """Take the sections. Raises SettingsError for a status that does not exist."""
        self._system = system
        self._sections = sections
        self._unknown = unknown
        self._statuses = {_key(code): _status(system, code, row) for code, row in self.section("statuses").items()}
        self._currencies = {str(code).upper(): _rial(system, code, v) for code, v in self.section("currencies").items()}
        own = {_key(name): str(carrier) for name, carrier in self.section("carriers").items()}
        self._carriers = {**_known_carriers(), **own}

    @classmethod
    def load(cls, system: str, package: str, own: Path | None, unknown: UnknownCodes) -> ShopTables:
        """Read `tables.yml` of an adapter's package, then a shop's own file. Raises SettingsError."""
        where = files(package).joinpath("tables.yml")
        sections = _read(where.read_text(encoding="utf-8"), f"tables.yml of {system}")
        if own is not None:
            try:
                theirs = _read(own.read_text(encoding="utf-8"), str(own))
            except (OSError, UnicodeDecodeError) as exc:
                raise SettingsError(f"the tables of {system} in {own} cannot be read: {type(exc).__name__}") from None
            names = {*sections, *theirs}
            sections = {name: {**sections.get(name, {}), **theirs.get(name, {})} for name in names}
        return cls(system, sections, unknown)

    def __str__(self) -> str:
        """Return all that is written in them: other tables are another text."""
        return repr(self._sections)

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section as it is written; a line that was emptied is none."""
        return {str(key): value for key, value in self._sections.get(name, {}).items() if value is not None}

    def status(self, code: str, *, paid: bool) -> OrderStatus | None:
        """Return what a status means, for an order that is paid or not; None (and counted) for an unknown one."""
        row = self._statuses.get(_key(code))
        if row is None:
            self._unknown.count(self._system, code, "order status")
            return None
        return row[0] if paid else row[1]

    def rial(self, currency: str) -> Decimal | None:
        """Return how many rial one unit is; None (and counted) for a currency that is not Iran's."""
        factor = self._currencies.get(currency.upper())
        if factor is None:
            self._unknown.count(self._system, f"currency {currency}", "order currency")
        return factor

    def money(self, amount: Decimal, currency: str) -> Money:
        """Return an amount: in rial for Iran's units, else in its currency. Raises Unreadable for what is none."""
        code = currency.strip().upper()
        factor = self._currencies.get(code)
        if factor is not None:
            return Money.of(amount * factor, RIAL)
        if not _CURRENCY.fullmatch(code):
            self._unknown.count(self._system, f"currency {currency}", "order currency")
            raise Unreadable("currency is none we know")
        return Money.of(amount, code)

    def carrier(self, name: str) -> str | None:
        """Return the taxonomy's id of a carrier's name; None (and counted) for an unknown one."""
        found = self._carriers.get(_key(name))
        if found is None:
            self._unknown.count(self._system, name, "carrier")
        return found


def _key(word: str) -> str:
    return _GAPS.sub("", str(word).casefold().removeprefix("wc-"))


@cache
def _known_carriers() -> dict[str, str]:
    text = files("peyk.adapters.orders").joinpath("carriers.yml").read_text(encoding="utf-8")
    rows: dict[str, str] = yaml.safe_load(text)
    known = {_key(name): carrier for carrier, names in CARRIER_NAMES.items() for name in names}
    return {**known, **{_key(name): carrier for name, carrier in rows.items()}}


def _read(text: str, where: str) -> dict[str, dict[str, Any]]:
    try:
        sections: Any = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        raise SettingsError(f"{where} is not YAML") from None
    if not isinstance(sections, dict) or not all(isinstance(rows, dict) for rows in sections.values()):
        raise SettingsError(f"{where} must hold sections like `statuses: {{shipped: {{status: shipped}}}}`")
    return {str(name): rows for name, rows in sections.items()}


def _status(system: str, code: str, row: object) -> tuple[OrderStatus, OrderStatus]:
    written: Mapping[str, Any] = row if isinstance(row, Mapping) else {"status": row}
    try:
        paid = OrderStatus(written.get("status", ""))
        return paid, OrderStatus(written.get("unpaid", paid))
    except ValueError:
        raise SettingsError(
            f"the status of {code} of {system} must be one of {', '.join(sorted(OrderStatus))}"
        ) from None


def _rial(system: str, code: str, value: object) -> Decimal:
    try:
        return amount_of(value, "currency")
    except (Unreadable, InvalidOperation):
        raise SettingsError(f"the currency {code} of {system} must be a number of rial") from None
