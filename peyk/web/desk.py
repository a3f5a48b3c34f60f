"""Works on what is in the inbox: each conversation's in the order of receipt, different ones side by side."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from peyk.errors import ExternalError
from peyk.ports import Clock
from peyk.ports.inbox import Inbox, Received
from peyk.web.memory import Memory
from peyk.web.patience import Patience, Timing

log = structlog.get_logger(__name__)

BATCH = 1000
# Less than the server waits for us at its end.
GRACE_S = 15.0


@dataclass
class Job:
    """Something received, under work; `sent` are the bodies of its answer that have gone out.

    `failed` says that it cannot be served, for a fault of ours.
    """

    received: Received
    sent: list[dict[str, Any]] = field(default_factory=list)
    failed: bool = False


class Desk:
    """Serves what one channel receives. `serve` raises ExternalError for what is to be tried again."""

    def __init__(
        self,
        channel: str,
        inbox: Inbox,
        memory: Memory,
        clock: Clock,
        serve: Callable[[Job], Awaitable[None]],
        timing: Timing,
    ) -> None:
        """Begin with nothing; what is put is kept, but waits until `resume` has found what was there before."""
        self._channel = channel
        self._inbox = inbox
        self._memory = memory
        self._clock = clock
        self._serve = serve
        self._timing = timing
        self._lanes: dict[str, deque[Job]] = {}
        self._keys: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pausing: set[asyncio.Task[Any]] = set()
        self._held: list[Received] | None = []
        self._stopping = False

    async def put(self, received: Received) -> bool:
        """Keep what came, and work on it from now on; False when it had come before. Raises Unavailable."""
        if not await self._memory.run(lambda: self._inbox.put(self._channel, received)):
            return False
        if self._held is None:
            self._take(received)
        else:
            self._held.append(received)
        return True

    async def resume(self) -> None:
        """Work on what an earlier process left. Raises Unavailable; what it had taken by then is worked on."""
        while True:
            left = await self._memory.run(lambda: self._inbox.open(self._channel, limit=BATCH))
            for received in left:
                self._take(received)
            if len(left) < BATCH:
                break
            await asyncio.gather(*self._tasks)
        held, self._held = self._held or [], None
        for received in held:
            self._take(received)

    async def stop(self) -> None:
        """Finish what is being answered; the rest stays in the inbox."""
        self._stopping = True
        for task in self._pausing:
            task.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _take(self, received: Received) -> None:
        if received.key in self._keys or self._stopping:
            return
        self._keys.add(received.key)
        here = received.conversation_id
        lane = self._lanes.get(here)
        if lane is not None:
            lane.append(Job(received))
            return
        self._lanes[here] = deque([Job(received)])
        task = asyncio.create_task(self._work(here))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, here: str) -> None:
        lane = self._lanes[here]
        while lane and not self._stopping:
            await self._finish(lane[0])
            self._keys.discard(lane.popleft().received.key)
        # Nothing is awaited since the lane was seen empty, so nothing has come into it.
        del self._lanes[here]

    async def _finish(self, job: Job) -> None:
        """Serve a job until it is done."""
        patience = Patience(self._timing, f"{self._channel}.tried_again")
        while True:
            try:
                if not job.failed:
                    await self._serve(job)
                await self._memory.run(lambda: self._inbox.done(self._channel, job.received.key, self._clock.now()))
                return
            except ExternalError as exc:
                await self._pause(patience, exc)
            except Exception:
                # A fault of ours would be one again: it may not hold up what comes after it.
                log.exception("desk.failed", conversation_id=job.received.conversation_id)
                job.failed = True

    async def _pause(self, patience: Patience, exc: ExternalError) -> None:
        task = asyncio.current_task()
        if task is None or self._stopping:
            raise asyncio.CancelledError
        self._pausing.add(task)
        try:
            await patience.failed(exc)
        finally:
            self._pausing.discard(task)
