"""The edge's way to the store: short visits, off the event loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import takewhile
from typing import TypeVar

from peyk.channels import Incoming
from peyk.domain.conversations import Author, Entry, Utterance
from peyk.ports import Clock
from peyk.ports.edge import Upkeep
from peyk.ports.journal import Accepted, BotAnswer, CustomerMessage, Journal, Offer

STORE_THREADS = 4
# As long as the hashed ids of clients.
MESSAGE_ID_BYTES = 20
# An answer follows its message at once, but for messages that came in between.
ENTRIES_AFTER = 100

T = TypeVar("T")


class Memory:
    """What a message finds and leaves behind: one visit before it is answered, at most one after."""

    def __init__(self, journal: Journal, upkeep: Upkeep, clock: Clock) -> None:
        """Take the store; no thread is started before the first visit."""
        self._journal = journal
        self._upkeep = upkeep
        self._clock = clock
        self._threads = ThreadPoolExecutor(STORE_THREADS, thread_name_prefix="edge-store")

    async def run(self, call: Callable[[], T]) -> T:
        """Run a short call into the store off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def accept(self, incoming: Incoming, language: str | None) -> Accepted:
        """Keep a message, written in `language` if that is clear; one without an id gets one."""
        message_id = incoming.message_id or secrets.token_hex(MESSAGE_ID_BYTES)
        custom = {"files": [file.as_custom() for file in incoming.files]} if incoming.files else {}
        message = CustomerMessage(message_id, incoming.text, incoming.token, custom)
        here, channel, now = incoming.conversation_id, incoming.channel, self._clock.now()
        return await self.run(lambda: self._journal.accept(here, channel, message, language=language, now=now))

    async def answer(self, conversation_id: str, seq: int, answer: BotAnswer, made_at: datetime | None = None) -> bool:
        """Keep the bot's answer, made now or at `made_at`; False when it may not be shown."""
        at = made_at or self._clock.now()
        return await self.run(lambda: self._journal.answer(conversation_id, seq, answer, at))

    async def answered(self, conversation_id: str, seq: int) -> list[Entry]:
        """Return what the bot has said to message `seq`, as far as it may be shown."""
        now = self._clock.now()
        said = await self.run(
            lambda: self._journal.entries(conversation_id, after_seq=seq, now=now, limit=ENTRIES_AFTER)
        )
        return [entry for entry in said if entry.answers == seq and not entry.hidden]

    async def said_after(self, conversation_id: str, seq: int) -> list[Entry]:
        """Return what the system said directly after message `seq`."""
        now = self._clock.now()
        said = await self.run(
            lambda: self._journal.entries(conversation_id, after_seq=seq, now=now, limit=ENTRIES_AFTER)
        )
        return list(takewhile(lambda entry: entry.author is Author.SYSTEM and not entry.hidden, said))

    async def say(self, conversation_id: str, utterance: Utterance, offers: tuple[Offer, ...], key: str) -> None:
        """Have the system answer something, once a key, whoever has the conversation."""
        now, journal = self._clock.now(), self._journal
        await self.run(
            lambda: journal.say(
                conversation_id, utterance, agent=None, now=now, message_id=key, offers=offers, answering=True
            )
        )

    async def last_seqs(self, conversation_ids: Collection[str]) -> dict[str, int]:
        """Return the last number of each conversation that is known."""
        return await self.run(lambda: self._journal.last_seqs(conversation_ids))

    async def prune(self) -> int:
        """Drop everything in the store whose time is over; return how many rows."""
        now = self._clock.now()
        return await self.run(lambda: self._upkeep.prune(now))

    async def ping(self) -> None:
        """Ask the store for a sign of life."""
        await self.run(self._upkeep.ping)

    def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown()
