"""Amounts of money and weights in running text: what a basket costs, what a parcel weighs."""

from __future__ import annotations

import re

from peyk.text.digits import to_ascii_digits

_NUMBER = r"(?P<number>\d{1,3}(?:[,٬،]\d{3})+|\d+(?:[.٫/]\d+)?)"
_SCALE = r"(?P<scale>میلیون|هزار|million|thousand|mil\b|hezar|milion|m\b|k\b)?"
_UNIT = r"(?P<unit>تومان|تومن|ریال|toman|tomans|tooman|rials?|irr)"
_MONEY = re.compile(rf"{_NUMBER}\s*{_SCALE}\s*{_UNIT}", re.IGNORECASE)
_WEIGHT = re.compile(
    r"(?P<number>\d+(?:[.٫/]\d+)?)\s*(?P<unit>کیلوگرم|کیلویی|کیلو|گرمی|گرم|kilograms?|kilos?|kg|grams?|gr|g)(?:ه|ه‌|هست)?(?!\w)",
    re.IGNORECASE,
)
_SCALES = {
    "میلیون": 1_000_000,
    "million": 1_000_000,
    "milion": 1_000_000,
    "mil": 1_000_000,
    "m": 1_000_000,
    "هزار": 1_000,
    "thousand": 1_000,
    "hezar": 1_000,
    "k": 1_000,
}
_RIAL_UNITS = ("ریال", "rial", "rials", "irr")
_GRAM_UNITS = ("گرم", "گرمی", "gram", "grams", "gr", "g")
RIAL_PER_TOMAN = 10


def find_amount_rial(text: str) -> int | None:
    """Return the first amount of money in `text` in rial, or None; only with its unit, never guessed."""
    match = _MONEY.search(to_ascii_digits(text))
    if match is None:
        return None
    amount = _number(match["number"]) * _SCALES.get((match["scale"] or "").lower(), 1)
    return round(amount if match["unit"].lower() in _RIAL_UNITS else amount * RIAL_PER_TOMAN)


def find_weight_g(text: str) -> int | None:
    """Return the first weight in `text` in grams, or None."""
    match = _WEIGHT.search(to_ascii_digits(text))
    if match is None:
        return None
    grams = 1 if match["unit"].lower() in _GRAM_UNITS else 1000
    return round(_number(match["number"]) * grams)


def _number(digits: str) -> float:
    if re.search(r"[,٬،]", digits):
        return float(re.sub(r"[,٬،]", "", digits))
    return float(re.sub(r"[٫/]", ".", digits))
