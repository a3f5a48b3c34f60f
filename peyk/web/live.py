"""News of conversations for whoever shows them now: open widgets, the console, channels that push.

The journal is the truth; this only says when to look. What this process keeps is told at once, what another process
keeps within a second: the last numbers of the watched conversations are asked for in one question.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from types import TracebackType
from typing import Self

import structlog

from peyk.errors import ExternalError

log = structlog.get_logger(__name__)

POLL_S = 1.0
EVERYTHING = ""


class Watch:
    """News of one conversation, or of all; a context manager, and forgotten at its end."""

    def __init__(self, live: Live, name: str) -> None:
        """Begin with no news; made by `Live`."""
        self._live = live
        self._name = name
        self._news = asyncio.Event()
        # The last number its watcher was told of, or has seen by itself.
        self._seen: int | None = None

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._live.join(self._name, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Watch no more."""
        self._live.leave(self._name, self)

    def tell(self) -> None:
        """Note that there is news."""
        self._news.set()

    def tell_of(self, seq: int) -> None:
        """Note that there is news if entry `seq` is; the first call always tells."""
        if self._seen != seq:
            self._seen = seq
            self._news.set()

    def saw(self, seq: int) -> None:
        """Note that the watcher has read up to entry `seq`: it need not be told of it again."""
        self._seen = seq

    async def changed(self, timeout_s: float) -> bool:
        """Wait for news since the last call; False when none came in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        news = self._news.is_set()
        self._news.clear()
        return news


class Live:
    """Tells watchers that something is new. Used on one event loop; `nudge` may come from any thread after `start`."""

    def __init__(
        self, last_seqs: Callable[[Collection[str]], Awaitable[dict[str, int]]], *, poll_s: float = POLL_S
    ) -> None:
        """Watch nothing yet; `last_seqs` asks the store, every `poll_s`. It may raise ExternalError."""
        self._last_seqs = last_seqs
        self._poll_s = poll_s
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._polling: asyncio.Task[None] | None = None

    def watch(self, conversation_id: str) -> Watch:
        """Return a watch of one conversation."""
        return Watch(self, conversation_id)

    def watch_all(self) -> Watch:
        """Return a watch of everything this process keeps; look at the store now and then for the rest."""
        return Watch(self, EVERYTHING)

    def nudge(self, conversation_id: str) -> None:
        """Say that something of a conversation is new."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._tell, conversation_id)

    def start(self) -> None:
        """Begin to look at what other processes keep."""
        self._loop = asyncio.get_running_loop()
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Look no more."""
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)
        self._loop = None

    def join(self, name: str, watch: Watch) -> None:
        """Add a watch."""
        self._watches[name].add(watch)

    def leave(self, name: str, watch: Watch) -> None:
        """Take a watch away."""
        self._watches[name].discard(watch)
        if not self._watches[name]:
            del self._watches[name]

    def _tell(self, conversation_id: str) -> None:
        for watch in [*self._watches.get(conversation_id, ()), *self._watches.get(EVERYTHING, ())]:
            watch.tell()

    async def _poll(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(self._poll_s)
            watched = [name for name in self._watches if name != EVERYTHING]
            if not watched:
                continue
            try:
                last_seqs = await self._last_seqs(watched)
            except ExternalError as exc:
                if not failing:
                    log.warning("live.store_away", error=str(exc))
                failing = True
                continue
            failing = False
            for name, seq in last_seqs.items():
                # The first look tells too: what came between the watcher's own look and this one is unknown.
                for watch in self._watches.get(name, ()):
                    watch.tell_of(seq)
