"""Digits and lists as each language writes them."""

from __future__ import annotations

from collections.abc import Sequence

from peyk.i18n.catalogue import text
from peyk.text.digits import to_persian_digits


def localise_digits(value: str, language: str) -> str:
    """Return `value` with Persian digits in Persian; identifiers are not for this: they stay ASCII."""
    return to_persian_digits(value) if language == "fa" else value


def format_number(value: int, language: str) -> str:
    """Return an integer with its thousands parted."""
    grouped = f"{value:,}"
    return localise_digits(grouped, language).replace(",", "٬") if language == "fa" else grouped


def count(key: str, number: int, language: str) -> str:
    """Return a counted phrase (`۳ روز`, `1 day`): `key.one` for one, `key.many` for all else."""
    form = "one" if number == 1 else "many"
    return text(f"{key}.{form}", language, count=format_number(number, language))


def join_names(names: Sequence[str], language: str) -> str:
    """Return names as a list in a sentence: "A, B and C", «الف، ب و ج»."""
    if len(names) <= 1:
        return "".join(names)
    separator = text("list.separator", language)
    return text("list.last", language, most=separator.join(names[:-1]), last=names[-1])
