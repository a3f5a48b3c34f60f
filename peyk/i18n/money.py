"""Money as customers read it; inside it is always integer rial."""

from __future__ import annotations

from peyk.i18n.catalogue import text
from peyk.i18n.digits import format_number, localise_digits

RIAL_PER_TOMAN = 10


def format_money(amount_rial: int, language: str, unit: str) -> str:
    """Return an amount in `unit` ("toman" or "rial"): «۱٬۲۵۰٬۰۰۰ تومان», "1,250,000 toman"."""
    return text(f"money.{unit}", language, amount=_amount(amount_rial, language, unit))


def _amount(amount_rial: int, language: str, unit: str) -> str:
    if unit == "rial":
        return format_number(amount_rial, language)
    toman, rest = divmod(abs(amount_rial), RIAL_PER_TOMAN)
    number = format_number(-toman if amount_rial < 0 else toman, language)
    point = "٫" if language == "fa" else "."
    return f"{number}{point}{localise_digits(str(rest), language)}" if rest else number
