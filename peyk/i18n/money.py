"""Money as customers read it: rial in the shop's unit, any other currency in its own."""

from __future__ import annotations

from peyk.domain.money import RIAL, Money, digits_of
from peyk.i18n.catalogue import catalogue, text
from peyk.i18n.digits import format_number, localise_digits

RIAL_PER_TOMAN = 10


def format_money(money: Money, language: str, unit: str) -> str:
    """Return an amount, rial in `unit` ("toman" or "rial"): «۱٬۲۵۰٬۰۰۰ تومان», "1,250,000 toman", "$120.00"."""
    if money.currency == RIAL:
        return text(f"money.{unit}", language, amount=_rial(money.amount, language, unit))
    key = f"money.{money.currency}"
    amount = _parted(money.amount, digits_of(money.currency), language)
    if key in catalogue():
        return text(key, language, amount=amount)
    return text("money.other", language, amount=amount, currency=money.currency)


def _rial(amount: int, language: str, unit: str) -> str:
    if unit == "rial":
        return format_number(amount, language)
    toman, rest = divmod(abs(amount), RIAL_PER_TOMAN)
    number = format_number(-toman if amount < 0 else toman, language)
    return f"{number}{_point(language)}{localise_digits(str(rest), language)}" if rest else number


def _parted(amount: int, digits: int, language: str) -> str:
    if not digits:
        return format_number(amount, language)
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "-" if amount < 0 else ""
    behind = localise_digits(f"{rest:0{digits}}", language)
    return f"{sign}{format_number(whole, language)}{_point(language)}{behind}"


def _point(language: str) -> str:
    return "٫" if language == "fa" else "."
