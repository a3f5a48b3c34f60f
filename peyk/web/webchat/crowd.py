"""How many are connected, and how all are sent away when the edge stops."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from peyk.channels import Refused

RETRY_FULL_S = 30
# Who has not gone by then is cut off.
GOODBYE_S = 3.0


class Crowd:
    """The open sockets and long polls of this process."""

    def __init__(self, most: int, per_address: int) -> None:
        """Take how many there may be in all, and from one address."""
        self._most = most
        self._per_address = per_address
        self._here: Counter[str] = Counter()
        self._leaving = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        """Return how many are connected."""
        return self._here.total()

    @property
    def leaving(self) -> bool:
        """Whether the edge stops."""
        return self._leaving.is_set()

    async def told_to_leave(self) -> None:
        """Wait until the edge stops."""
        await self._leaving.wait()

    @contextmanager
    def join(self, address: str) -> Iterator[None]:
        """Count one connection. Raises Refused when there are too many."""
        if self.leaving or self._here.total() >= self._most or self._here[address] >= self._per_address:
            raise Refused("full", 503, retry_after_s=RETRY_FULL_S)
        self._here[address] += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._here[address] -= 1
            if not self._here[address]:
                del self._here[address]
            if not self._here:
                self._empty.set()

    async def send_away(self) -> None:
        """Tell all to leave, and wait until they have, but not for long."""
        self._leaving.set()
        try:
            await asyncio.wait_for(self._empty.wait(), GOODBYE_S)
        except TimeoutError:
            return
