"""Reads what a desk answered, strictly: a wrong type is an unreadable answer, not a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from peyk.errors import BadAnswer


class Reader:
    """Takes values out of one system's JSON. Raises BadAnswer that names what is missing."""

    def __init__(self, system: str) -> None:
        self._system = system

    def objects(self, value: Any, *path: str) -> list[Mapping[str, Any]]:
        """Return the list of objects at `path`."""
        found = self._at(value, path)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self._bad(path)
        return found

    def number(self, value: Any, *path: str) -> int:
        """Return the id at `path`."""
        found = self._at(value, path)
        if not is_id(found):
            raise self._bad(path)
        return found

    def word(self, value: Any, *path: str) -> str:
        """Return the text at `path`, never empty."""
        found = self._at(value, path)
        if not isinstance(found, str) or not found:
            raise self._bad(path)
        return found

    def _at(self, value: Any, path: tuple[str, ...]) -> Any:
        for name in path:
            if not isinstance(value, dict):
                raise self._bad(path)
            value = value.get(name)
        return value

    def _bad(self, path: tuple[str, ...]) -> BadAnswer:
        return BadAnswer(self._system, f"no {'.'.join(path) or 'such shape'} in the answer")


def is_id(value: object) -> TypeGuard[int]:
    """Tell whether a value is a number a database gives."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
