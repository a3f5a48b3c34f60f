"""Asks the bot again what an edge that died had kept but not answered."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from peyk.channels import Incoming
from peyk.channels.webchat import CHANNEL
from peyk.domain.files import StoredFile
from peyk.errors import ExternalError, NotFound, PeykError
from peyk.logging import bind_correlation
from peyk.ports import Clock
from peyk.ports.handoff import Ticks
from peyk.ports.journal import Journal, Unanswered
from peyk.services.files import Files
from peyk.web.memory import Memory
from peyk.web.turns import Turns
from peyk.web.webchat.chat import unanswered

log = structlog.get_logger(__name__)

ROUND = "webchat.replay"
EVERY_S = 10.0
# A claim is renewed before each message; so much longer than a turn may last it keeps others from asking, too.
TURNS_A_CLAIM = 3
AT_ONCE = 200
# Beyond the longest turn of any edge.
MARGIN_S = 5.0
LONGEST_PAUSE_S = 3600.0
# Whose pauses are remembered; whoever is forgotten is tried at once.
REMEMBERED = 10_000


class Replay:
    """Answers what was left, whether its browser is there or comes back within 30 days."""

    def __init__(
        self,
        journal: Journal,
        memory: Memory,
        turns: Turns,
        files: Files,
        ticks: Ticks,
        clock: Clock,
        turn_s: float,
        *,
        every_s: float = EVERY_S,
    ) -> None:
        """Take how long a turn may last: what is younger may be under way at another edge."""
        self._journal = journal
        self._memory = memory
        self._turns = turns
        self._files = files
        self._ticks = ticks
        self._clock = clock
        self._patience = timedelta(seconds=turn_s + MARGIN_S)
        self._every_s = every_s
        # What could not be answered: when it is tried again, and the pause before that.
        self._pauses: dict[str, tuple[datetime, float]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look_on())

    async def stop(self) -> None:
        """Look no more; what is being answered is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> int:
        """Answer what was left, unless another edge is at it; return how many messages. Raises Unavailable."""
        now = self._clock.now()
        until = await self._claim(now, now)
        if until is None:
            return 0
        try:
            answered, until = await self._round(now, until)
        except Exception:
            await self._let_go(until)
            raise
        # Whoever is stopped in between lets go of nothing: the message under way may still be answered.
        await self._let_go(until)
        return answered

    async def _round(self, now: datetime, until: datetime) -> tuple[int, datetime]:
        """Answer what was left; return how many messages that were, and until when the round was ours."""
        left = await self._memory.run(
            lambda: self._journal.unanswered(CHANNEL, before=now - self._patience, limit=AT_ONCE)
        )
        due = [each for each in left if self._pauses.get(_name(each), (now, 0.0))[0] <= now]
        answered = 0
        for each in due:
            longer = await self._claim(until, self._clock.now())
            if longer is None:
                # So much time has gone by that another edge asks by now.
                break
            until = longer
            if not await self._answer(each):
                # Most likely nobody is answered now.
                break
            answered += 1
        return answered, until

    async def _claim(self, free_at: datetime, now: datetime) -> datetime | None:
        """Take the round if nobody has it beyond `free_at`; return until when, None when another edge has it."""
        until = now + TURNS_A_CLAIM * self._patience
        taken = await self._memory.run(lambda: self._ticks.claim(ROUND, free_at, until))
        return until if taken else None

    async def _let_go(self, until: datetime) -> None:
        now = self._clock.now()
        with suppress(ExternalError):
            # As for a claim that is over; one that another edge has taken since lasts longer than ours.
            await self._memory.run(lambda: self._ticks.claim(ROUND, until, now))

    async def _answer(self, left: Unanswered) -> bool:
        correlation_id = secrets.token_hex(8)
        bind_correlation(correlation_id)
        incoming = Incoming(
            conversation_id=left.conversation_id,
            channel=CHANNEL,
            text=None if left.token else left.entry.text,
            token=left.token,
            message_id=left.entry.message_id,
            correlation_id=correlation_id,
            files=await self._files_of(left),
        )
        try:
            answer = await self._turns.answer(incoming)
        except PeykError as exc:
            log.info("webchat.left_again", conversation_id=left.conversation_id, error=str(exc))
            answer = None
        if answer is not None and unanswered(answer) is None:
            self._pauses.pop(_name(left), None)
            return True
        # A message the bot cannot answer at all must not hold up those behind it.
        self._put_off(_name(left))
        return False

    async def _files_of(self, left: Unanswered) -> tuple[StoredFile, ...]:
        named = left.entry.custom.get("files")
        ids = [str(each.get("id")) for each in named if isinstance(each, dict)] if isinstance(named, list) else []
        if not ids:
            return ()
        try:
            return await self._memory.run(lambda: self._files.of(left.conversation_id, ids))
        except NotFound:
            # Gone meanwhile; what was written beside them is answered all the same.
            return ()

    def _put_off(self, name: str) -> None:
        _, before_s = self._pauses.pop(name, (None, self._every_s))
        pause_s = min(2 * before_s, LONGEST_PAUSE_S)
        if len(self._pauses) >= REMEMBERED:
            self._pauses.clear()
        self._pauses[name] = (self._clock.now() + timedelta(seconds=pause_s), pause_s)

    async def _look_on(self) -> None:
        while True:
            try:
                answered = await self.look()
                if answered:
                    log.info("webchat.replayed", messages=answered)
            except ExternalError as exc:
                log.info("webchat.replay_put_off", error=str(exc))
            except Exception:
                log.exception("webchat.replay_failed")
            await asyncio.sleep(self._every_s)


def _name(left: Unanswered) -> str:
    return f"{left.conversation_id}/{left.entry.seq}"
