"""Persian, Arabic and full-width digits to ASCII and back."""

from __future__ import annotations

PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
ARABIC = "٠١٢٣٤٥٦٧٨٩"
FULL_WIDTH = "０１２３４５６７８９"
ASCII = "0123456789"

_TO_ASCII = str.maketrans(PERSIAN + ARABIC + FULL_WIDTH, ASCII * 3)
_TO_PERSIAN = str.maketrans(ASCII + ARABIC, PERSIAN * 2)


def to_ascii_digits(text: str) -> str:
    """Return `text` with every digit in ASCII; the length, and so every offset, stays."""
    return text.translate(_TO_ASCII)


def to_persian_digits(text: str) -> str:
    """Return `text` with ASCII and Arabic digits as Persian ones."""
    return text.translate(_TO_PERSIAN)
