"""Long text in parts that a messenger takes. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

from peyk.text.isolate import pieces

_SENTENCE_END = re.compile(r"[.!?\u061f\u06d4…]+[\"»”’)]*(?=\s)|(?=\n)")
_SPACE = re.compile(r"(?<=\S)(?=\s)")
_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
# A sentence shorter than this share of what would fit does not end a part: the next one is begun in it.
_LEAST_SHARE = 4


def utf16_units(text: str) -> int:
    """Return the length of `text` as messengers count it: characters beyond the first plane are two units."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Return `text` in parts that each `fits`, without blanks round them.

    Parts end with a sentence or a line; where none does, with a word; where a word is too long, anywhere but within a
    number, a URL, or what is shown as one character; and only where that alone is too long, within it.
    """
    parts, rest = [], text.strip()
    while rest and not fits(rest):
        cut = _best_cut(rest, _longest(rest, fits))
        while cut > 1 and not fits(rest[:cut].rstrip()):
            cut = _best_cut(rest, cut - 1)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [part for part in (*parts, rest) if part]


def _longest(text: str, fits: Callable[[str], bool]) -> int:
    """Return how many characters from the start fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


def _best_cut(text: str, longest: int) -> int:
    """Return the best place to cut, between 1 and `longest`."""
    # One more character, to see what follows the last.
    start = text[: longest + 1]
    whole = pieces(start + text[longest + 1 : longest + 200])
    ends = [match.end() for match in _SENTENCE_END.finditer(start)]
    spaces = [match.start() for match in _SPACE.finditer(start)]
    between = [place for place in range(1, longest + 1) if _between_characters(text, place)]
    good_ends = [place for place in ends if place >= longest // _LEAST_SHARE]
    for places in (good_ends, spaces, between):
        free = _outside([place for place in places if 0 < place <= longest], whole)
        if free:
            return free[-1]
    return between[-1] if between else longest


def _outside(places: list[int], spans: list[tuple[int, int]]) -> list[int]:
    inside = {place for start, stop in spans for place in range(start + 1, stop)}
    return [place for place in places if place not in inside]


def _between_characters(text: str, place: int) -> bool:
    """Tell whether what a reader sees as one character stays whole when cut at `place`."""
    for before, after in pairwise(text[place - 1 : place + 1]):
        joined = unicodedata.category(after) in {"Mn", "Me", "Cf"} or ord(after) in _SKIN_TONES
        return not joined and before != _ZERO_WIDTH_JOINER
    return True
