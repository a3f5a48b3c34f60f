"""The time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; the only source of it."""

    def now(self) -> datetime:
        """Return the time as an aware UTC datetime."""
        ...
