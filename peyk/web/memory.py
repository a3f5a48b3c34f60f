"""The edge's way to the store: short visits, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from peyk.channels import Incoming
from peyk.ports import Clock
from peyk.ports.edge import ConversationLog, Opened, Outcome

STORE_THREADS = 4

T = TypeVar("T")


class Memory:
    """What a message finds and leaves behind: one visit before it is answered, at most one after."""

    def __init__(self, conversations: ConversationLog, clock: Clock) -> None:
        """Take the records; no thread is started before the first visit."""
        self._conversations = conversations
        self._clock = clock
        self._threads = ThreadPoolExecutor(STORE_THREADS, thread_name_prefix="edge-store")

    async def run(self, call: Callable[[], T]) -> T:
        """Run a short call into the store off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def open(self, incoming: Incoming) -> Opened:
        """Return what is known of the message and its conversation."""
        here, now = incoming.conversation_id, self._clock.now()
        return await self.run(
            lambda: self._conversations.open(here, message_id=incoming.message_id, token=incoming.token, now=now)
        )

    async def close(self, incoming: Incoming, outcome: Outcome) -> None:
        """Keep what the message leaves behind, if anything."""
        if outcome.reply or outcome.language or outcome.buttons:
            now = self._clock.now()
            await self.run(lambda: self._conversations.close(incoming.conversation_id, outcome, now))

    async def prune(self) -> int:
        """Drop everything in the store whose time is over; return how many rows."""
        now = self._clock.now()
        return await self.run(lambda: self._conversations.prune(now))

    async def ping(self) -> None:
        """Ask the store for a sign of life."""
        await self.run(self._conversations.ping)

    def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown()
