"""Reads what shops' systems write about an order: text, moments, money, mobiles, tracking codes. Pure.

Everything raises Unreadable for what it cannot read.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from peyk.text.digits import to_ascii_digits
from peyk.text.mobiles import find_mobiles, parse_mobile
from peyk.text.places import find_city

MAX_TEXT = 300
MAX_CODE = 64
# Rial of any order there can be; more is a mistake of somebody's.
MAX_RIAL = 10**15
MAX_DECIMALS = 12
# Some systems write "never" as the last day there is; nothing can be counted on from there.
LAST_YEAR = 9000
_HIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BETWEEN_CODES = re.compile("[,;\u060c\u061b|\r\n]+")


class Unreadable(ValueError):
    """A field is missing, or not what it should be; the message names it and holds nothing of its value."""


def field(row: Mapping[str, Any], name: str) -> Any:
    """Return a field that has to be there."""
    if name not in row or row[name] is None:
        raise Unreadable(f"{name} is missing")
    return row[name]


def text_of(value: object, what: str, limit: int = MAX_TEXT) -> str:
    """Return words or a number as one clean line."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise Unreadable(f"{what} is no text")
    plain = html.unescape(str(value))
    shown = "".join(" " if unicodedata.category(char) in _HIDDEN else char for char in plain)
    return " ".join(shown.split())[:limit]


def one_line(*parts: object) -> str:
    """Return what there is of several parts, in one line."""
    lines = (text_of(part, "part") for part in parts if isinstance(part, (str, int)) and not isinstance(part, bool))
    return ", ".join(line for line in lines if line)


def id_of(value: object, what: str = "id") -> str:
    """Return the system's own id: a number above zero."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise Unreadable(f"{what} is no id")
    return str(value)


def rows_of(value: object, what: str) -> list[Mapping[str, Any]]:
    """Return a list of objects; nothing at all is an empty one."""
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(e, Mapping) for e in value):
        raise Unreadable(f"{what} is no list of objects")
    return list(value)


def row_of(value: object, what: str) -> Mapping[str, Any]:
    """Return an object; PHP writes an empty one as a list."""
    if value is None or value == []:
        return {}
    if not isinstance(value, Mapping):
        raise Unreadable(f"{what} is no object")
    return value


def utc_of(value: object, what: str) -> datetime:
    """Return a moment; where no zone is written it is UTC."""
    if not isinstance(value, str):
        raise Unreadable(f"{what} is no date")
    try:
        at = datetime.fromisoformat(value.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"{what} is no date") from None
    if at.year > LAST_YEAR:
        raise Unreadable(f"{what} is no date")
    return at


def moment_of(value: object) -> datetime | None:
    """Return a moment written as seconds since 1970 or as a date, None for anything else."""
    plain = to_ascii_digits(str(value)).strip()
    try:
        if plain.isdecimal():
            return datetime.fromtimestamp(int(plain[:12]), UTC)
        return utc_of(plain, "date")
    except (Unreadable, ValueError, OverflowError, OSError):
        return None


def amount_of(value: object, what: str) -> Decimal:
    """Return an amount of money in its currency's unit."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise Unreadable(f"{what} is no amount")
    try:
        amount = Decimal(str(value).strip() or "0")
    except InvalidOperation:
        raise Unreadable(f"{what} is no amount") from None
    if not amount.is_finite() or abs(amount) > MAX_RIAL or (amount and amount.adjusted() < -MAX_DECIMALS):
        raise Unreadable(f"{what} is no amount")
    return amount


def mobile_of(phone: object) -> str:
    """Return the mobile in its normal form, however the customer wrote it; empty where there is none."""
    if isinstance(phone, bool) or not isinstance(phone, (str, int)):
        return ""
    found = next(find_mobiles(to_ascii_digits(str(phone)), parse_mobile), None)
    return str(found.value) if found is not None else ""


def email_of(value: object) -> str | None:
    """Return an e-mail address in lower case."""
    plain = text_of(value, "email").lower() if isinstance(value, str) else ""
    return plain if "@" in plain else None


@lru_cache(maxsize=8192)
def city_of(name: str) -> str:
    """Return the gazetteer's English name of a city, or the name as it is."""
    return find_city(name) or name if name else ""


def codes_of(value: object) -> list[str]:
    """Return the tracking codes in a field people write into, in the form customers' codes are looked up."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return []
    parts = _BETWEEN_CODES.split(to_ascii_digits(str(value)))
    codes = ("".join(text_of(part, "code").upper().split())[:MAX_CODE] for part in parts)
    return list(dict.fromkeys(code for code in codes if code))
