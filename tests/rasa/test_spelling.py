"""A slip of the finger in a word that is known."""

from __future__ import annotations

from collections import Counter

import pytest

from peyk.nlu.features import Vectoriser, features_of
from peyk.nlu.spelling import Spelling, is_slip

SPELLING = Spelling.of(
    {"سفارشم": 50, "سفارش": 90, "order": 70, "older": 3, "border": 9, "refund": 20, "ORDER": 99, "کجا": 80}
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("سفارسم", "سفارشم"),
        ("سفرشم", "سفارشم"),
        ("سافرشم", "سفارشم"),
        ("refnd", "refund"),
        ("refunnd", "refund"),
        ("erfund", "refund"),
        # Of several the commonest; what few examples have is no measure.
        ("orderr", "order"),
        ("oldet", "oldet"),
        # Known, too short, a mask, two slips.
        ("older", "older"),
        ("کجل", "کجل"),
        ("ORDEX", "ORDEX"),
        ("refudn t", "refudn t"),
        ("rfnd", "rfnd"),
    ],
)
def test_slips(typed: str, meant: str) -> None:
    assert SPELLING.mended(typed) == meant


@pytest.mark.parametrize(
    ("first", "second", "slip"),
    [
        ("order", "order", False),
        ("order", "odrer", True),
        ("order", "oredr", True),
        ("order", "rodre", False),
        ("order", "orde", True),
        ("order", "orders", True),
        ("order", "ordinary", False),
        ("order", "ardes", False),
    ],
)
def test_one_slip(first: str, second: str, slip: bool) -> None:
    assert is_slip(first, second) is slip
    assert is_slip(second, first) is slip


def test_examples_are_counted_from_what_the_model_keeps() -> None:
    documents = [["refund", "please"], ["refund", "me"], ["refund", "now"], ["hello"]]
    vectoriser, _ = Vectoriser.fit(map(features_of, documents), 1)
    expected = Counter(word for document in documents for word in document)
    assert vectoriser.spelling.examples == pytest.approx(dict(expected), rel=1e-3)


def test_no_word_of_an_example_is_changed() -> None:
    documents = [["where", "order"]] * 6 + [["oder", "wher"]]
    vectoriser, _ = Vectoriser.fit(map(features_of, documents), 1)
    assert vectoriser.mended(["oder", "wher", "ordr", "/", "ORDER"]) == ["oder", "wher", "order", "/", "ORDER"]
