"""Telling Persian from English, Persian in Latin letters (Finglish) included.

Persian script decides at once. For Latin letters each word is looked up in two small lists; words in
neither are weighed by their letter groups, with weights learnt from the same lists when first used.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal

from peyk.text.carriers import CARRIER_WORDS
from peyk.text.identifiers import find_identifiers
from peyk.text.normalise import normalise
from peyk.text.places import place_words
from peyk.text.spans import Kind
from peyk.text.word_sets import word_set

Language = Literal["fa", "en"]

_DATA = Path(__file__).parent / "data"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PERSIAN = re.compile(r"[\u0621-\u064a\u066e-\u06d3\u06fa-\u06ff]")
# Said in both languages, or in any: they settle nothing.
_SHARED = word_set(
    "ok okay oki hi hello bye cancel sms email chat online ticket operator code app sim card bot mersi",
    "merci no ya on in man too to are bad a e o",
)
# A shared word still leans to one side when it stands among others; positive is Persian.
_LEANINGS = {
    "man": 0.9,
    "too": -0.3,
    "to": -0.8,
    "are": -0.6,
    "in": -0.5,
    "on": -0.6,
    "bad": -0.3,
    "no": -0.6,
    "ya": 0.4,
    "hi": -1.0,
    "hello": -1.0,
    "bye": -1.0,
    "ok": 0.0,
    "a": -0.8,
    "mersi": 1.0,
    "merci": 0.5,
}
_KNOWN = 2.0
_CLEAR = 0.9
_NGRAM = 3
_SMOOTHING = 0.5
_MAX_GUESS = 1.0
_GUESS_SCALE = 0.45


def detect(text: str) -> Language | None:
    """Return "fa" or "en", or None when the words say nothing clear.

    Nothing clear are identifiers, digits, emoji, one word both languages use, a city or carrier alone.
    """
    words = _telling_words(text)
    persian = sum(1 for word in words if _PERSIAN.search(word))
    latin = [word for word in words if not _PERSIAN.search(word)]
    if persian and not _is_english_with_a_quote(persian, latin):
        return "fa"
    score = sum(_leaning(word) for word in latin)
    if not latin or abs(score) < _CLEAR:
        return None
    return "fa" if score > 0 else "en"


def is_known_word(word: str) -> bool:
    """Tell whether a normalised Latin word is in one of the two lists."""
    return word in _lexicon("english_words.txt") or word in _lexicon("finglish_words.txt") or word in _LEANINGS


def _telling_words(text: str) -> list[str]:
    """Return the words that can tell the language: no identifiers, cities or carriers."""
    for item in reversed(find_identifiers(text)):
        if item.kind not in (Kind.DAYS, Kind.RATING):
            text = f"{text[: item.start]} {text[item.end :]}"
    words = _WORD.findall(normalise(text).replace("’", "'"))
    return [word for word in words if not _is_name(word)]


def _is_name(word: str) -> bool:
    return word in CARRIER_WORDS or word in place_words()


def _is_english_with_a_quote(persian: int, latin: list[str]) -> bool:
    """Tell an English sentence that quotes a Persian word from Persian with some English in it."""
    english = sum(1 for word in latin if _leaning(word) <= -0.5)
    return english >= max(4, 3 * persian) and sum(_leaning(word) for word in latin) < -_KNOWN


def _leaning(word: str) -> float:
    """Return how far a Latin word leans: above zero Persian, below English."""
    if word in _LEANINGS:
        return _LEANINGS[word]
    english, finglish = word in _lexicon("english_words.txt"), word in _lexicon("finglish_words.txt")
    if word in _SHARED or (english and finglish):
        return 0.0
    if english or finglish:
        return _KNOWN if finglish else -_KNOWN
    return _guess(word)


def _guess(word: str) -> float:
    """Return the leaning of an unknown word by its letter groups."""
    groups = _groups(word)
    if len(word) <= 1:
        return 0.0
    weights = _weights()
    score = _GUESS_SCALE * sum(weights.get(group, 0.0) for group in groups) / math.sqrt(len(groups))
    return max(-_MAX_GUESS, min(_MAX_GUESS, score))


def _groups(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[i : i + n] for n in (2, _NGRAM) for i in range(len(padded) - n + 1)]


@cache
def _weights() -> dict[str, float]:
    """Return log odds of each letter group, Persian against English."""
    counts = [
        Counter(g for word in _lexicon(name) for g in _groups(word))
        for name in ("finglish_words.txt", "english_words.txt")
    ]
    totals = [sum(count.values()) for count in counts]
    groups = set(counts[0]) | set(counts[1])
    size = len(groups)

    def log_probability(side: int, group: str) -> float:
        return math.log((counts[side][group] + _SMOOTHING) / (totals[side] + _SMOOTHING * size))

    return {group: log_probability(0, group) - log_probability(1, group) for group in groups}


@cache
def _lexicon(name: str) -> frozenset[str]:
    return frozenset(normalise((_DATA / name).read_text(encoding="utf-8")).split())
