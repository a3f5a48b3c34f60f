"""Tokens: normalised text, offsets in the original."""

from __future__ import annotations

from itertools import pairwise

import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from tests.rasa.nlu_helpers import tokenizer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("سلاااام، سفارشم كجاست؟", ["سلام", "سفارشم", "کجاست"]),
        ("می خوام می‌خوام میخوام", ["میخوام"] * 3),
        ("سفارش ها سفارش‌ها", ["سفارشها"] * 2),
        ("Where's my ORDER?!", ["where's", "my", "order"]),
        ("ts104233", ["ts", "104233"]),
        ("order۱۰۴", ["order", "104"]),
        ("😀🔥 ...", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokenizer().tokens_of(text)] == expected


@pytest.mark.parametrize("text", ["سـلااام  می خوام\u200f TS-۱۰۴۲۳۳ ", "👋🏽 hello می‌رسه", "ﷲ كجا", "\u200c\u200cسلام"])
def test_offsets_are_those_of_the_original(text: str) -> None:
    tokens = tokenizer().tokens_of(text)
    assert tokens
    for token in tokens:
        piece = [inner.text for inner in tokenizer().tokens_of(text[token.start : token.end])]
        assert piece == [token.text]
    assert all(first.end <= second.start for first, second in pairwise(tokens))


def test_lemmas_are_formal_and_without_endings() -> None:
    lemmas = [token.lemma for token in tokenizer().tokens_of("دیگه سفارش‌هام koja")]
    assert lemmas == ["دیگر", "سفارش", "koja"]


def test_empty_messages_pass() -> None:
    message = Message({TEXT: ""})
    tokenizer().process([message])
    assert message.get("text_tokens") == []
