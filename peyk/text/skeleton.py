"""The consonants of a word in one alphabet, so that «سفارشم» and "sefaresham" look alike."""

from __future__ import annotations

import re
from functools import lru_cache

_PERSIAN = {
    "ب": "b",
    "پ": "p",
    "ت": "t",
    "ط": "t",
    "ث": "s",
    "س": "s",
    "ص": "s",
    "ج": "j",
    "چ": "C",
    "ح": "h",
    "ه": "h",
    "خ": "x",
    "د": "d",
    "ذ": "z",
    "ز": "z",
    "ض": "z",
    "ظ": "z",
    "ر": "r",
    "ژ": "j",
    "ش": "S",
    "ق": "q",
    "غ": "q",
    "ف": "f",
    "ک": "k",
    "گ": "g",
    "ل": "l",
    "م": "m",
    "ن": "n",
}
_LATIN_PAIRS = (("sh", "S"), ("ch", "C"), ("kh", "x"), ("gh", "q"), ("zh", "j"), ("ph", "f"), ("ck", "k"))
# Vowels, and the letters that stand for both a vowel and a weak consonant, are left out on both sides.
_LATIN_DROPPED = re.compile(r"[aeiouyvw'’]")
_REPEATED = re.compile(r"(.)\1+")


@lru_cache(maxsize=32768)
def skeleton(word: str) -> str:
    """Return the consonants of a normalised word, or an empty string when it has none."""
    letters = (
        _of_latin(word)
        if word.isascii()
        else "".join(_PERSIAN.get(c, c if c.isalnum() and c.isascii() else "") for c in word)
    )
    # The final h of «بسته» is mute.
    if len(letters) > 1 and letters.endswith("h"):
        letters = letters[:-1]
    return _REPEATED.sub(r"\1", letters)


def _of_latin(word: str) -> str:
    for pair, letter in _LATIN_PAIRS:
        word = word.replace(pair, letter)
    return _LATIN_DROPPED.sub("", word)
