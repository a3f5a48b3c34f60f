"""Ideas behind words: what ties «پولم», "poolam" and "money" together before a single example is seen."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "concepts.txt"


@lru_cache(maxsize=32768)
def ideas_of(word: str) -> tuple[str, ...]:
    """Return the ideas of a masked word; a mask in upper case is an idea of its own."""
    if word.isupper():
        return (f"@{word}",)
    whole, starts, longest = _table()
    found = set(whole.get(word, ()))
    for length in range(1, min(len(word), longest) + 1):
        found.update(starts.get(word[:length], ()))
    return tuple(sorted(found))


@cache
def _table() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], int]:
    """Return whole words, beginnings of words, and the length of the longest beginning."""
    whole: dict[str, tuple[str, ...]] = {}
    starts: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        idea, words = line.split(":", 1)
        for word in words.split():
            table, key = (starts, word[:-1]) if word.endswith("*") else (whole, word)
            table[key] = (*table.get(key, ()), idea)
    return whole, starts, max(map(len, starts))
