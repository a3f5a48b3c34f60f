"""When the order on an open card is looked up again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

# Of the time between two looks: widgets opened in one moment, as after a restart, must not all ask in one moment, too.
SPREAD = (0.5, 1.5)


class CardTimes:
    """The moments of one socket: the first is now, the others about `every_s` after what is on the card was known."""

    def __init__(self, every_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin with a look that is due."""
        self._every_s = every_s
        self._monotonic = monotonic
        self._due = monotonic()

    def left_s(self) -> float:
        """Return the seconds until the next look, never less than nothing."""
        return max(0.0, self._due - self._monotonic())

    def known(self, age_s: float = 0.0) -> None:
        """Put the next look off: what is on the card was looked up `age_s` ago."""
        self._due = self._monotonic() + self._every_s * random.uniform(*SPREAD) - age_s  # noqa: S311
