"""Short word lists, written as they read."""

from __future__ import annotations


def word_set(*lines: str) -> frozenset[str]:
    """Return the words of `lines`, which are parted by spaces."""
    return frozenset(word for line in lines for word in line.split())
