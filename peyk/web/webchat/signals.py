"""What is true for a moment and kept nowhere: who is writing, what has been read. Within this process only."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from peyk.domain.conversations import Author

# More than anybody can read; the newest are dropped, for they are the least missed.
MOST = 20
# Of how many conversations it is remembered how far they were read; of others a reload shows what was answered.
REMEMBERED = 10_000
# The widget says it again every few seconds as long as the customer writes.
WRITES_FOR_S = 6.0


@dataclass(frozen=True, slots=True)
class Signal:
    """`author` writes at the moment, or (with `seq`) has read everything up to there."""

    author: Author
    seq: int | None = None


class Signals:
    """Passes signals to whoever shows the conversation now. For use on the event loop."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._listening: defaultdict[str, set[asyncio.Queue[Signal]]] = defaultdict(set)
        self._written: dict[str, float] = {}
        self._read: OrderedDict[str, int] = OrderedDict()

    def typing(self, conversation_id: str, author: Author) -> None:
        """Say that somebody is writing."""
        if author is Author.CUSTOMER:
            now = time.monotonic()
            self._written = {here: at for here, at in self._written.items() if at > now - WRITES_FOR_S}
            self._written[conversation_id] = now
        self._send(conversation_id, Signal(author))

    def seen(self, conversation_id: str, author: Author, seq: int) -> bool:
        """Say that somebody has read everything up to `seq`; return whether that is news of the shop's side."""
        news = author is not Author.CUSTOMER and seq > self.read_up_to(conversation_id)
        if news:
            self._read[conversation_id] = seq
            self._read.move_to_end(conversation_id)
            if len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        self._send(conversation_id, Signal(author, seq))
        return news

    def read_up_to(self, conversation_id: str) -> int:
        """Return up to where bot or people are known to have read (0: nothing is known)."""
        return self._read.get(conversation_id, 0)

    def customer_writes(self, conversation_id: str) -> bool:
        """Tell whether the customer was writing just now."""
        return self._written.get(conversation_id, -WRITES_FOR_S) > time.monotonic() - WRITES_FOR_S

    @contextmanager
    def listen(self, conversation_id: str) -> Iterator[asyncio.Queue[Signal]]:
        """Give the signals of a conversation as they come."""
        queue: asyncio.Queue[Signal] = asyncio.Queue(MOST)
        self._listening[conversation_id].add(queue)
        try:
            yield queue
        finally:
            self._listening[conversation_id].discard(queue)
            if not self._listening[conversation_id]:
                del self._listening[conversation_id]

    def _send(self, conversation_id: str, signal: Signal) -> None:
        for queue in self._listening.get(conversation_id, ()):
            if not queue.full():
                queue.put_nowait(signal)
