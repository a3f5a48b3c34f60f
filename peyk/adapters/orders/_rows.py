"""Orders of home-made shops: plain rows, whose columns a mapping file names. Shared by `sql` and `csv`.

Times without a zone are the mapping's; a year before 1600 is a Jalali one. A status no table knows is counted, and
what the order's dates say is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from peyk.adapters.orders._reading import (
    Unreadable,
    amount_of,
    city_of,
    codes_of,
    email_of,
    field,
    mobile_of,
    one_line,
    text_of,
)
from peyk.adapters.orders._tables import ShopTables
from peyk.domain.money import RIAL, Money
from peyk.domain.orders import Order, OrderItem, OrderStatus, Refund, ShipmentRef
from peyk.domain.payments import Payment, PaymentState
from peyk.errors import SettingsError
from peyk.ports.shops import ShopOrder
from peyk.ports.systems import UnknownCodes
from peyk.text.dates import from_jalali
from peyk.text.digits import to_ascii_digits

# What an order's row can have; the first five it must.
NEEDED = ("number", "mobile", "status", "placed_at", "total")
ORDER_FIELDS = (
    *NEEDED,
    *("id", "email", "customer_name", "city", "address", "paid_at", "changed_at", "promised_at"),
    *("payment_ref", "refund", "refunded_at", "refund_done_at", "tracking_code", "carrier", "shipped_at"),
)
ITEM_FIELDS = ("title", "title_en", "sku", "quantity", "price")
UNKNOWN_CARRIER = "unknown"
FIRST_GREGORIAN_YEAR = 1600
# Seconds since 1970 have ten digits; with more they are thousandths.
MILLISECONDS = 10**11

Row = Mapping[str, Any]
_WRITTEN = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_UNIX = re.compile(r"\d{9,13}")
_BETWEEN_DIGITS = re.compile("[\\s,_'\u066c\u060c]")


class RowsMapping(BaseModel):
    """What every mapping file has; statuses, carriers and currencies as in docs/connect.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    money: Literal["toman", "rial"]
    time_zone: str = "Asia/Tehran"
    statuses: dict[Any, Any] = Field(default_factory=dict)
    carriers: dict[Any, Any] = Field(default_factory=dict)
    carrier: str = ""
    refund_days: int = Field(7, ge=1)

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError("must be a time zone, like Asia/Tehran") from None
        return value


M = TypeVar("M", bound=RowsMapping)


def read_mapping(kind: type[M], path: Path) -> M:
    """Return what a mapping file says. Raises SettingsError with one line that names the first mistake."""
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"the mapping {path} cannot be read: {type(exc).__name__}") from None
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        raise SettingsError(f"the mapping {path} is not YAML{f', line {mark.line + 1}' if mark else ''}") from None
    if not isinstance(written, dict):
        raise SettingsError(f"the mapping {path} must hold `money`, `columns`, …: see docs/connect.md")
    try:
        return kind.model_validate(written)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = {"missing": "must be set", "extra_forbidden": "is no part of a mapping"}.get(first["type"])
        said = what or first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"the mapping {path}: {f'{where}: ' if where else ''}{said}") from None


def checked_columns(columns: Mapping[str, str], known: Iterable[str], needed: Iterable[str]) -> None:
    """Look at the names of fields. Raises ValueError for one that is none, and for one that is missing."""
    known = list(known)
    for name in columns:
        if name not in known:
            raise ValueError(f"`{name}` is no field; there are {', '.join(known)}")
    missing = [name for name in needed if name not in columns]
    if missing:
        raise ValueError(f"{', '.join(missing)} must be named")


@dataclass(frozen=True, slots=True)
class RowRules:
    """A mapping, ready to read rows by."""

    tables: ShopTables
    zone: ZoneInfo
    rial: int
    carrier: str
    refund_days: int

    @classmethod
    def of(cls, system: str, mapping: RowsMapping, unknown: UnknownCodes) -> RowRules:
        """Return the rules of a mapping; our own names of statuses are known. Raises SettingsError."""
        statuses = {**{each.value: each.value for each in OrderStatus}, **mapping.statuses}
        tables = ShopTables(system, {"statuses": statuses, "carriers": mapping.carriers}, unknown)
        rial = 10 if mapping.money == "toman" else 1
        return cls(tables, ZoneInfo(mapping.time_zone), rial, mapping.carrier, mapping.refund_days)


def to_order(row: Row, items: Iterable[Row], parcels: Iterable[Row], rules: RowRules) -> ShopOrder:
    """Return the order of a row, with its items and parcels; an order's own row may hold a parcel. Raises Unreadable.

    Times are read from `placed_at`, `changed_at` (else `placed_at`), and so on; fields that are not there are None.
    """
    number = to_ascii_digits(text_of(field(row, "number"), "number"))
    if not number:
        raise Unreadable("number is empty")
    placed_at = moment(field(row, "placed_at"), rules, "placed_at")
    paid_at = _moment_or_none(row, "paid_at", rules)
    changed_at = _moment_or_none(row, "changed_at", rules) or placed_at
    otherwise = _moment_or_none(row, "shipped_at", rules) or changed_at
    shipments = tuple(_parcels((*parcels, row), rules, otherwise))
    total = _money(field(row, "total"), "total", rules)
    status = _status(row, paid_at, rules, shipped=bool(shipments))
    order = Order(
        number=number,
        mobile=mobile_of(_plain(row.get("mobile"))),
        status=status,
        customer_name=one_line(_plain(row.get("customer_name"))),
        city=city_of(one_line(_plain(row.get("city")))),
        address=one_line(_plain(row.get("address"))),
        items=tuple(_item(item, rules) for item in items),
        total=total,
        placed_at=placed_at,
        paid_at=paid_at,
        promised_at=_moment_or_none(row, "promised_at", rules),
        shipments=shipments,
        refund=_refund(row, changed_at, rules),
    )
    source_id = text_of(_plain(row["id"]), "id") if row.get("id") is not None else number
    return ShopOrder(source_id, order, changed_at, email_of(row.get("email")), _payment(row, order))


def moment(value: object, rules: RowRules, what: str) -> datetime:
    """Return a moment however it is written. Raises Unreadable."""
    try:
        return _aware(value, rules.zone, what)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"{what} is no time") from None


def is_jalali(value: object) -> bool:
    """Tell a date that is written with a Jalali year: no database puts it beside a Gregorian one."""
    found = _WRITTEN.match(to_ascii_digits(value).strip()) if isinstance(value, str) else None
    return found is not None and int(found[1]) < FIRST_GREGORIAN_YEAR


def _aware(value: object, zone: ZoneInfo, what: str) -> datetime:
    if isinstance(value, datetime):
        return (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
    plain = to_ascii_digits(str(value)).strip()
    if _UNIX.fullmatch(plain):
        seconds = int(plain) / 1000 if int(plain) >= MILLISECONDS else int(plain)
        return datetime.fromtimestamp(seconds, UTC)
    found = _WRITTEN.match(plain)
    if found is None:
        raise Unreadable(f"{what} is no time")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    if year >= FIRST_GREGORIAN_YEAR:
        if found.end() < len(plain):
            # Fractions and zones behind it.
            return _aware(datetime.fromisoformat(plain), zone, what)
        start: date | None = date(year, month, day)
    else:
        start = from_jalali(year, month, day)
    if start is None or found.end() < len(plain):
        raise Unreadable(f"{what} is no time")
    return datetime(start.year, start.month, start.day, hour, minute, second, tzinfo=zone).astimezone(UTC)


def _status(row: Row, paid_at: datetime | None, rules: RowRules, *, shipped: bool) -> OrderStatus:
    known = rules.tables.status(text_of(_plain(field(row, "status")), "status"), paid=paid_at is not None)
    if known is not None:
        return known
    if shipped:
        return OrderStatus.SHIPPED
    return OrderStatus.PAID if paid_at is not None else OrderStatus.AWAITING_PAYMENT


def _item(row: Row, rules: RowRules) -> OrderItem:
    title = text_of(_plain(row.get("title") or ""), "title")
    quantity = _amount(row.get("quantity") or 1, "quantity")
    price = _money(row.get("price") or 0, "price", rules)
    title_en = one_line(_plain(row.get("title_en"))) or title
    sku = row.get("sku")
    return OrderItem(text_of(_plain(sku), "sku") if sku else title, title, title_en, max(1, int(quantity)), price)


def _parcels(rows: Iterable[Row], rules: RowRules, otherwise: datetime) -> Iterator[ShipmentRef]:
    seen: set[str] = set()
    for row in rows:
        name = one_line(_plain(row.get("carrier")))
        for code in codes_of(_plain(row.get("tracking_code"))):
            if code not in seen:
                seen.add(code)
                known = rules.tables.carrier(name) if name else None
                shipped_at = _moment_or_none(row, "shipped_at", rules) or otherwise
                yield ShipmentRef(known or rules.carrier or UNKNOWN_CARRIER, code, shipped_at)


def _refund(row: Row, changed_at: datetime, rules: RowRules) -> Refund | None:
    whole = _money(row.get("refund") or 0, "refund", rules)
    if not whole.amount:
        return None
    started = _moment_or_none(row, "refunded_at", rules) or changed_at
    due = started + timedelta(days=rules.refund_days)
    return Refund(whole, started, due, _moment_or_none(row, "refund_done_at", rules))


def _payment(row: Row, order: Order) -> Payment | None:
    if order.paid_at is not None:
        reference = one_line(_plain(row.get("payment_ref"))) or None
        return Payment(order.number, PaymentState.VERIFIED, order.total, order.paid_at, reference)
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return Payment(order.number, PaymentState.UNPAID, order.total, order.placed_at)
    return None


def _moment_or_none(row: Row, name: str, rules: RowRules) -> datetime | None:
    value = row.get(name)
    # MySQL writes "no date" as a year that never was.
    return None if value in {None, "", 0, "0"} or str(value).startswith("0000") else moment(value, rules, name)


def _money(value: object, what: str, rules: RowRules) -> Money:
    return Money.of(_amount(value, what) * rules.rial, RIAL)


def _amount(value: object, what: str) -> Decimal:
    if isinstance(value, str):
        value = _BETWEEN_DIGITS.sub("", to_ascii_digits(value)).replace("\u066b", ".")
    return amount_of(value, what)


def key_of(value: object) -> str:
    """Return what orders and their parts are told apart by as text: one column may hold numbers, another words."""
    return str(_plain(value)).rstrip()


def _plain(value: object) -> object:
    """Return what a column holds as words or a whole number; UUIDs and decimals are written out."""
    if value is None or isinstance(value, (str, int)):
        return value
    whole = isinstance(value, (float, Decimal)) and value == int(value)
    return int(value) if whole else str(value)  # type: ignore[call-overload]
