"""Keeps the bot's answers. One the store cannot take now is kept as soon as it can be, and shown only then.

So a repeat finds it: nobody is asked again, and nothing is done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from peyk.errors import ExternalError
from peyk.ports import Clock
from peyk.ports.journal import BotAnswer
from peyk.web.memory import Memory
from peyk.web.patience import Patience, Timing

log = structlog.get_logger(__name__)

# So long the store knows proofs that have ended (`PROOF_TTL`): what was said under one is hidden also when kept late.
KEEP_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Owed:
    seq: int
    answer: BotAnswer
    made_at: datetime


class Keeper:
    """Keeps answers, at once or later; at most one of a conversation waits, for nothing else is done there before."""

    def __init__(self, memory: Memory, clock: Clock, timing: Timing, nudge: Callable[[str], None]) -> None:
        """Begin with nothing owed; `nudge` is told each conversation in which an answer is kept."""
        self._memory = memory
        self._clock = clock
        self._timing = timing
        self._nudge = nudge
        self._owed: dict[str, _Owed] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def owes(self, conversation_id: str) -> bool:
        """Tell whether an answer waits to be kept."""
        return conversation_id in self._owed

    async def keep(self, conversation_id: str, seq: int, answer: BotAnswer) -> bool:
        """Keep an answer; False when it may not be shown. Raises ExternalError when it cannot be kept now."""
        owed = _Owed(seq, answer, self._clock.now())
        try:
            return await self._keep(conversation_id, owed)
        except ExternalError as exc:
            # A hand-over that was not kept has not happened: who asks again is handed over then.
            if not answer.hand_over:
                self._owed[conversation_id] = owed
                task = asyncio.create_task(self._keep_later(conversation_id, exc))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            raise

    async def settle(self, conversation_id: str) -> None:
        """Keep what waits, before anything else of the conversation. Raises ExternalError when that fails."""
        owed = self._owed.get(conversation_id)
        if owed is None:
            return
        if self._clock.now() - owed.made_at < KEEP_FOR:
            await self._keep(conversation_id, owed)
        else:
            log.error("edge.answer_lost", conversation_id=conversation_id)
        self._owed.pop(conversation_id, None)

    async def stop(self) -> None:
        """Try what waits once more, and no longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*map(self.settle, tuple(self._owed)), return_exceptions=True)

    async def _keep(self, conversation_id: str, owed: _Owed) -> bool:
        kept = await self._memory.answer(conversation_id, owed.seq, owed.answer, owed.made_at)
        self._nudge(conversation_id)
        return kept

    async def _keep_later(self, conversation_id: str, failure: ExternalError) -> None:
        patience = Patience(self._timing, "edge.store_failed")
        while self.owes(conversation_id):
            await patience.failed(failure)
            try:
                await self.settle(conversation_id)
            except ExternalError as exc:
                failure = exc
        patience.well()
