"""Variables of canned answers: `{name}` stands for the customer's name, and so on."""

from __future__ import annotations

import re
from collections.abc import Mapping

VARIABLES = ("name", "order", "status", "eta", "shop", "agent", "ticket")
# Any word in braces counts, so that a slip of the pen is found and never sent to a customer.
_BRACES = re.compile(r"\{\s*([^{}\n]{0,40}?)\s*\}")


def unknown_variables(text: str) -> tuple[str, ...]:
    """Return what stands in braces and is no variable, each once and in order."""
    return tuple(dict.fromkeys(name for name in _BRACES.findall(text) if name not in VARIABLES))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its variables filled; those without a value stay as they are."""

    def filled(match: re.Match[str]) -> str:
        return values.get(match.group(1)) or match.group()

    return _BRACES.sub(filled, text)


def unfilled(text: str) -> tuple[str, ...]:
    """Return the variables that still stand in a text about to be sent, each once and in order."""
    return tuple(dict.fromkeys(name for name in _BRACES.findall(text) if name in VARIABLES))
