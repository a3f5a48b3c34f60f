"""Room for large bodies, that are held in memory while they come in, also of those who may not send any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from peyk.channels import Refused

MAX_LARGE_AT_ONCE = 20
MAX_LARGE_PER_ADDRESS = 4
RETRY_LARGE_S = 5


class Room:
    """How many large bodies there are: in all and of one address, on each side apart (customers, the console)."""

    def __init__(self, most: int = MAX_LARGE_AT_ONCE, per_address: int = MAX_LARGE_PER_ADDRESS) -> None:
        """Begin with none."""
        self._most = most
        self._per_address = per_address
        self._in_all: Counter[str] = Counter()
        self._here: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        """Return how many there are now."""
        return self._in_all.total()

    @contextmanager
    def hold(self, side: str, address: str) -> Iterator[None]:
        """Count one. Raises Refused when there are too many."""
        if self._in_all[side] >= self._most or self._here[side, address] >= self._per_address:
            raise Refused("busy", 503, retry_after_s=RETRY_LARGE_S)
        self._in_all[side] += 1
        self._here[side, address] += 1
        try:
            yield
        finally:
            self._in_all[side] -= 1
            self._here[side, address] -= 1
            if not self._here[side, address]:
                # Nothing is kept of who is gone.
                del self._here[side, address]
