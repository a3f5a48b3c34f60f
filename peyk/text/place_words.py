"""Words that follow «به», "to" and their like without being places."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from peyk.text.normalise import normalise

_ENGLISH = Path(__file__).parent / "data" / "english_words.txt"
_FINGLISH = Path(__file__).parent / "data" / "finglish_words.txt"
_ORDINARY = Path(__file__).parent / "data" / "persian_words.txt"
# Whoever says «به دستم», «به آدرسمون» speaks of himself: what hangs on an ordinary word leaves it ordinary.
_ENDINGS = (
    "هایم",
    "هاشون",
    "هامون",
    "های",
    "مان",
    "تان",
    "شان",
    "مون",
    "تون",
    "شون",
    "ها",
    "ای",
    "ام",
    "ات",
    "اش",
    "یم",
    "یه",
    "م",
    "ت",
    "ش",
    "ی",
    "ه",
    "و",
    "ا",
)


@cache
def _ordinary_words() -> frozenset[str]:
    return frozenset(normalise(_ORDINARY.read_text(encoding="utf-8")).split())


ORDINARY_WORDS: frozenset[str] = _ordinary_words()


@cache
def _latin_words() -> frozenset[str]:
    return frozenset(normalise(_ENGLISH.read_text(encoding="utf-8") + _FINGLISH.read_text(encoding="utf-8")).split())


def is_ordinary(word: str) -> bool:
    """Tell whether a normalised word is an ordinary one, in itself or under its ending."""
    if word.isascii():
        return word in _latin_words() or word in ORDINARY_WORDS or word.rstrip("s") in _latin_words()
    if word in ORDINARY_WORDS or word.startswith(("می", "نمی")):
        return True
    return any(word.endswith(e) and len(word) - len(e) >= 2 and word[: -len(e)] in ORDINARY_WORDS for e in _ENDINGS)
