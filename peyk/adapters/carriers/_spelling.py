"""Regular expressions for words of carriers: one spelling on both sides, so they are written as Persian is written."""

from __future__ import annotations

import re

from peyk.text.normalise import normalise


def plain(words: str) -> str:
    """Return words in the spelling the expressions of `pattern` are for."""
    return " ".join(normalise(words).split())


def pattern(expression: str) -> re.Pattern[str]:
    """Return an expression for words that are `plain`. Raises re.error."""
    # Letter by letter, and not what is the language of expressions: \S is not \s.
    spelled = (char if char.isascii() else normalise(char) for char in expression)
    return re.compile("".join(spelled), re.IGNORECASE)
