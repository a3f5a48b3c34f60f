"""Amounts of money: a whole number of the currency's smallest unit, never without the currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

RIAL = "IRR"
# How many digits stand behind the point (ISO 4217); two where nothing is said. Nobody writes parts of a rial.
_DIGITS = dict.fromkeys(("IRR", "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0)
_DIGITS |= dict.fromkeys(("UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0)
_DIGITS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in the smallest unit of a currency (ISO 4217): rial, cents of a dollar."""

    amount: int
    currency: str

    @classmethod
    def rial(cls, amount: int) -> Money:
        """Return an amount in rial."""
        return cls(amount, RIAL)

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """Return an amount in the currency's main unit (120.00 dollars), rounded to its smallest."""
        return cls(int(amount.scaleb(digits_of(currency)).to_integral_value(ROUND_HALF_UP)), currency)


def digits_of(currency: str) -> int:
    """Return how many digits of a currency stand behind the point."""
    return _DIGITS.get(currency, 2)
