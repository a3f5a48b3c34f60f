"""The order prefix as people type it: Latin, on a Persian keyboard by mistake, or spelt out in Persian."""

from __future__ import annotations

import re
from functools import lru_cache

# What a Latin key gives while the keyboard is still on Persian (ISIRI 9147).
_PERSIAN_KEYS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "ضصثقفغعهخحشسیبلاتنمظطزرذدپ", strict=False))
_LETTER_NAMES = {
    "a": "[اآ]ی|ا",
    "b": "بی",
    "c": "سی",
    "d": "دی",
    "e": "[اآ]?ی",
    "f": "اف",
    "g": "جی",
    "h": "اچ",
    "i": "[اآ]ی",
    "j": "جی",
    "k": "کی",
    "l": "ال",
    "m": "ام",
    "n": "ان",
    "o": "او",
    "p": "پی",
    "q": "کیو",
    "r": "آر|ار",
    "s": "اس",
    "t": "تی",
    "u": "یو",
    "v": "وی",
    "w": "دبلیو",
    "x": "ایکس",
    "y": "وای",
    "z": "زد",
}
_GAP = r"[\s\u200c\u200b]*"
# Word processors turn the hyphen into its many cousins; direction marks slip in between on phones.
_JOINER = r"[\s\u200c-\u200f\u202a-\u202e\u2066-\u2069_#:.\-\u2010-\u2015\u2212ـ]{0,3}"


@lru_cache(maxsize=8)
def prefix_pattern(prefix: str) -> str:
    """Return a regular expression for `prefix` before its digits; one that never matches if it has no letters."""
    letters = re.sub(r"[^a-z]", "", prefix.lower())
    if not letters:
        # A prefix of digits or none at all: nothing but the number itself can be recognised.
        literal = re.escape(prefix.strip())
        return rf"(?<!\w){literal}" if literal else r"(?!)"
    latin = _GAP.join(letters) if len(letters) < 4 else letters
    keyboard = "".join(_PERSIAN_KEYS[letter] for letter in letters)
    spelt = _GAP.join(f"(?:{_LETTER_NAMES[letter]})" for letter in letters)
    digits = re.sub(r"[^0-9]", "", prefix)
    return rf"(?:(?<![A-Za-z0-9_]){latin}|(?<!\w)(?:{keyboard}|{spelt})){_JOINER}{digits}"
