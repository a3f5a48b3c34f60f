"""Digits and spelling: one form whatever the keyboard."""

from __future__ import annotations

import pytest

from peyk.text.digits import to_ascii_digits, to_persian_digits
from peyk.text.normalise import normalise, normalise_with_offsets, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [("۱۰۴۲۳۳", "104233"), ("٠٩١٢", "0912"), ("１２", "12"), ("TS-۱", "TS-1"), ("بدون رقم", "بدون رقم"), ("", "")],
)
def test_digits_become_ascii_and_keep_their_places(text: str, expected: str) -> None:
    assert to_ascii_digits(text) == expected
    assert len(to_ascii_digits(text)) == len(text)


def test_digits_become_persian() -> None:
    assert to_persian_digits("3 روز و ٤ ساعت") == "۳ روز و ۴ ساعت"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("كجاي", "کجای"),
        ("می‌رسه", "میرسه"),
        ("سلاااام", "سلام"),
        ("heyyyy", "hey"),
        ("good", "good"),
        ("سـفـارش", "سفارش"),
        ("لطفاً", "لطفا"),
        ("آبادان", "ابادان"),
        ("مسئول", "مسیول"),
        ("\u200fسفارش\u202c", "سفارش"),
        ("خانۀ", "خانه"),
        ("Café", "cafe"),
        ("ﺳﻼم", "سلام"),
        ("111", "111"),
        ("", ""),
    ],
)
def test_spelling(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "text", ["سلاااام می‌رسه", "a\u200cb", "كـــجا", "ﷲ است", "heyyy you", "👍🏽 ok", "لطفاً TS-۱۰۴"]
)
def test_normalised_words_lead_back_to_the_original(text: str) -> None:
    normal = normalise_with_offsets(text)
    assert len(normal.offsets) == len(normal.text) + 1
    assert list(normal.offsets) == sorted(normal.offsets)
    for index, character in enumerate(normal.text):
        start, end = normal.original_span(index, index + 1)
        assert character in normalise(text[start:end])


def test_words() -> None:
    assert words("سلام، سفارشم (TS-۱) کو؟") == ["سلام", "سفارشم", "ts", "1", "کو"]
