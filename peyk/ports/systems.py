"""What adapters of outside systems are given by Peyk."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from peyk.domain.systems import HeldOff, UnknownCode


class UnknownCodes(Protocol):
    """Counts the codes of vendors that no table knows, for people to add them (`peyk doctor` lists them)."""

    def count(self, system: str, code: str, words: str) -> None:
        """Count one more. Never raises: an answer is not lost because its code could not be counted."""
        ...

    def all(self, limit: int = 100) -> list[UnknownCode]:
        """Return them, the most frequent first. Raises Unavailable."""
        ...


class SystemStates(Protocol):
    """Which systems are held off at the moment, for all processes."""

    def hold_off(self, system: str, kind: str, since: datetime, until: datetime) -> None:
        """Note that this process does not ask a system until then. Never raises."""
        ...

    def let_in(self, system: str) -> None:
        """Note that this process asks it again. Never raises."""
        ...

    def held_off(self) -> list[HeldOff]:
        """Return what is in force now, by system. Raises Unavailable."""
        ...
