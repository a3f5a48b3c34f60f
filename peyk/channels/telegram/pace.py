"""How fast messages may go out: one a second to a chat, 30 a second in all, and pauses when the API asks for one.

Telegram allows about as much (core.telegram.org/bots/faq, "My bot is hitting limits"); the exact limits are not told
and change, so what a 429 says is obeyed beyond them.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from peyk.channels.telegram.errors import SlowDown

log = structlog.get_logger(__name__)

T = TypeVar("T")
CHAT_PAUSE_S = 1.0
MESSAGES_PER_SECOND = 30
# Chats at rest are forgotten now and then, never one by one.
_CHATS_BEFORE_SWEEP = 1000


@dataclass
class _Lane:
    """A chat; the lock lets its messages out in the order they came, `free_at` is when the next may go."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    messages: int = 0
    free_at: float = -math.inf


class Pace:
    """Lets messages of one bot out in time. One for a process; several processes divide `per_second` among them."""

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chat_pause_s: float = CHAT_PAUSE_S,
        per_second: int = MESSAGES_PER_SECOND,
    ) -> None:
        """Begin with nothing sent."""
        self._monotonic = monotonic
        self._sleep = sleep
        self._chat_pause_s = chat_pause_s
        self._lanes: dict[int, _Lane] = {}
        self._sweep_at = _CHATS_BEFORE_SWEEP
        self._latest: deque[float] = deque(maxlen=per_second)
        self._gate = asyncio.Lock()

    async def send(self, chat_id: int, call: Callable[[], Awaitable[T]]) -> T:
        """Return what `call` returns, made when it is this chat's turn; as often as the API asks for more patience.

        Messages of a chat go out in the order of the calls of this method. Any error but SlowDown is raised, and the
        chat's next message goes on.
        """
        lane = self._lane(chat_id)
        lane.messages += 1
        try:
            async with lane.lock:
                return await self._in_turn(lane, call)
        finally:
            lane.messages -= 1

    async def _in_turn(self, lane: _Lane, call: Callable[[], Awaitable[T]]) -> T:
        while True:
            await self._until(lane.free_at)
            await self._place()
            pause_s = self._chat_pause_s
            try:
                return await call()
            except SlowDown as exc:
                pause_s = max(pause_s, exc.retry_after_s)
                log.warning("messenger.slow_down", retry_after_s=exc.retry_after_s)
            finally:
                # From the end: whenever the API took this one, the next comes no sooner after it.
                lane.free_at = self._monotonic() + pause_s

    async def _place(self) -> None:
        """Wait until fewer than `per_second` messages went out in the last second; first come, first served."""
        async with self._gate:
            if len(self._latest) == self._latest.maxlen:
                await self._until(self._latest[0] + 1.0)
            self._latest.append(self._monotonic())

    async def _until(self, moment: float) -> None:
        while (wait_s := moment - self._monotonic()) > 0:
            await self._sleep(wait_s)

    def _lane(self, chat_id: int) -> _Lane:
        lane = self._lanes.get(chat_id)
        if lane is None:
            if len(self._lanes) >= self._sweep_at:
                self._sweep()
            lane = self._lanes[chat_id] = _Lane()
        return lane

    def _sweep(self) -> None:
        now = self._monotonic()
        self._lanes = {chat: lane for chat, lane in self._lanes.items() if lane.messages or lane.free_at > now}
        self._sweep_at = max(_CHATS_BEFORE_SWEEP, 2 * len(self._lanes))
