"""One spelling for one word: what keyboards, fonts and feelings make of Persian and Latin text.

The normalised form is for matching and classifying, never for showing: أ إ آ become ا, ي and ى become ی,
ك becomes ک, zero-width non-joiners, tatweel, diacritics and direction marks go, letters held down
(سلاممممم, heyyyy) count once, digits are ASCII, Latin is lower case.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from peyk.text.digits import to_ascii_digits

ZWNJ = "\u200c"
# Letters that look alike on Arabic, Kurdish and Persian keyboards.
_LETTERS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ې": "ی",
        "ێ": "ی",
        "ك": "ک",
        "ڪ": "ک",
        "ہ": "ه",
        "ھ": "ه",
        "ە": "ه",
        "ة": "ه",
        "ۆ": "و",
        "ٱ": "ا",
    }
)
_TATWEEL = "\u0640"
# Typing aids and direction marks carry no meaning; the zero-width ones are all in category Cf.
_DROPPED_CATEGORIES = frozenset({"Mn", "Me", "Cf"})
_HELD_DOWN = 3
_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Normalised:
    """Normalised text; `offsets[i]` is where its i-th character came from, and one more for the end."""

    text: str
    offsets: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original text of a span in the normalised text."""
        if end <= start:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


def normalise(text: str) -> str:
    """Return the normalised form of `text`."""
    return normalise_with_offsets(text).text


def normalise_with_offsets(text: str) -> Normalised:
    """Return the normalised form of `text` and where each of its characters came from."""
    characters: list[str] = []
    offsets: list[int] = []
    for index, original in enumerate(text):
        for character in _fold(original):
            characters.append(character)
            offsets.append(index)
    kept = _without_held_down(characters)
    return Normalised("".join(characters[i] for i in kept), (*(offsets[i] for i in kept), len(text)))


def words(text: str) -> list[str]:
    """Return the normalised words of `text`."""
    return _WORD.findall(normalise(text))


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """Return what one character becomes: usually one, sometimes none, for ligatures several."""
    if character == _TATWEEL:
        return ""
    folded = unicodedata.normalize("NFKD", character)
    kept = "".join(c for c in folded if unicodedata.category(c) not in _DROPPED_CATEGORIES and c != _TATWEEL)
    return to_ascii_digits(kept).translate(_LETTERS).lower()


def _without_held_down(characters: list[str]) -> list[int]:
    """Return the indices to keep: of three or more equal letters in a row only the first."""
    kept: list[int] = []
    start = 0
    while start < len(characters):
        end = start
        while end < len(characters) and characters[end] == characters[start]:
            end += 1
        held = end - start >= _HELD_DOWN and characters[start].isalpha()
        kept.extend(range(start, start + 1 if held else end))
        start = end
    return kept
