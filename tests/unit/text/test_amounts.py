"""Amounts and weights in running text."""

from __future__ import annotations

import pytest

from peyk.text.amounts import find_amount_rial, find_weight_g


@pytest.mark.parametrize(
    ("text", "rial"),
    [
        ("سبدم ۲ میلیون تومنه، ارسالش چنده؟", 20_000_000),
        ("برای خرید ۵۰۰ هزار تومانی به شیراز", 5_000_000),
        ("سفارش ۱٬۵۰۰٬۰۰۰ ریالی", 1_500_000),
        ("۱٫۵ میلیون تومان", 15_000_000),
        ("a 1.5 million toman basket", 15_000_000),
        ("my basket is 2,000,000 rials", 2_000_000),
        ("500k toman", 5_000_000),
        ("sabadam 700 hezar toman", 7_000_000),
        ("هزینه ارسال به شیراز چنده؟", None),
        ("سفارش 104233", None),
        ("۲ میلیون نفر", None),
    ],
)
def test_amount(text: str, rial: int | None) -> None:
    assert find_amount_rial(text) == rial


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("بسته ۳ کیلویی", 3000),
        ("وزنش ۲٫۵ کیلوگرمه", 2500),
        ("a 2 kg parcel", 2000),
        ("۵۰۰ گرم", 500),
        ("250g", 250),
        ("به کرمان", None),
        ("4 grades", None),
    ],
)
def test_weight(text: str, grams: int | None) -> None:
    assert find_weight_g(text) == grams
