"""The way in of channels whose messages are in the inbox before anything else, and the way out beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from peyk.channels import Incoming, Refused
from peyk.errors import ExternalError, Throttled, Unavailable
from peyk.ports import Clock
from peyk.ports.inbox import Inbox, Received
from peyk.web.bursts import Bursts
from peyk.web.desk import Desk, Job
from peyk.web.memory import Memory
from peyk.web.patience import Patience, Timing
from peyk.web.push import Push
from peyk.web.sentences import Answer, Languages, refusal
from peyk.web.turns import Turns

log = structlog.get_logger(__name__)

# Beside what came, in the inbox: the customer writes too fast, and is told so; seconds to wait.
BURST = "peyk_burst"


class Intake:
    """What one channel receives, in its inbox and worked on in order, and what it brings."""

    def __init__(
        self,
        channel: str,
        inbox: Inbox,
        memory: Memory,
        clock: Clock,
        bursts: Bursts,
        serve: Callable[[Job], Awaitable[None]],
        push: Push,
        timing: Timing,
    ) -> None:
        """Begin with nothing; `serve` answers what came."""
        self._channel = channel
        self._clock = clock
        self._bursts = bursts
        self._timing = timing
        self._desk = Desk(channel, inbox, memory, clock, serve, timing)
        self._push = push
        self._tasks: list[asyncio.Task[None]] = []
        # Conversations that write too fast and have been told so, with the end of that.
        self._told: dict[str, float] = {}

    def start(self, *others: Coroutine[Any, Any, None]) -> None:
        """Work on what was left, bring what people say, and do what else the channel does, in the background."""
        self._tasks = [asyncio.create_task(each) for each in (self._resume(), self._push.run(), *others)]

    async def stop(self) -> None:
        """Take no more, and finish what is being answered."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._push.stop()
        await self._desk.stop()

    async def take(self, key: str, here: str, raw: dict[str, Any], *, limited: bool = True) -> None:
        """Keep what came, and have it answered. Raises Unavailable: then it is to be sent again.

        `limited`, of a burst the first is answered with a word of that, the others after it are not kept.
        """
        try:
            if limited:
                await self._bursts.count_sender(here)
        except Throttled as exc:
            if not self._tells(here, exc.retry_after_s):
                log.warning("channel.burst", channel=self._channel, conversation_id=here)
                return
            raw = {**raw, BURST: exc.retry_after_s}
        try:
            await self._desk.put(Received(key, here, raw, self._clock.now()))
        except ExternalError:
            # It comes again, and then its sender is told.
            self._told.pop(here, None)
            raise

    def _tells(self, here: str, retry_after_s: int) -> bool:
        now = self._timing.monotonic()
        self._told = {name: until for name, until in self._told.items() if until > now}
        if here in self._told:
            return False
        self._told[here] = now + retry_after_s
        return True

    async def _resume(self) -> None:
        patience = Patience(self._timing, f"{self._channel}.inbox_unread")
        while True:
            try:
                await self._desk.resume()
                return
            except ExternalError as exc:
                await patience.failed(exc)


async def answered(turns: Turns, languages: Languages, incoming: Incoming, limit: int) -> Answer:
    """Return the answer to a message of `limit` characters at most, or the sentence why there is none.

    Raises Unavailable when there is one that could not be kept: the next try finds it kept.
    """
    try:
        if incoming.text is not None and len(incoming.text) > limit:
            raise Refused("too_long", 413, limit=limit)
        answer = await turns.answer(incoming)
    except Refused as exc:
        refused = exc
    except Exception:
        # Whatever went wrong, the customer gets a sentence.
        log.exception("edge.failed")
        refused = Refused("unavailable", 500)
    else:
        if answer.owed:
            raise Unavailable("store")
        return answer
    log.info("edge.refused", reason=refused.code, status=refused.status)
    return refusal(refused, languages.of(incoming.conversation_id))
