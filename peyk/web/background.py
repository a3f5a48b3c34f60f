"""Work nobody waits for that blocks for long: on a thread of its own, again and again, sooner when told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)


class Background:
    """Calls `work` every `every_s`, and at once after `wake`; while it has returned something, without a pause.

    A failure is logged, and the next call may be better.
    """

    def __init__(self, name: str, work: Callable[[], int], every_s: float) -> None:
        """Prepare; nothing is called before `start`."""
        self._name = name
        self._work = work
        self._every_s = every_s
        self._woken = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the background."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Have it called soon."""
        self._woken.set()

    async def stop(self) -> None:
        """Begin nothing more. What is under way is left: whatever it does may be broken off."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                done = await asyncio.get_running_loop().run_in_executor(self._thread, self._work)
            except Exception as exc:  # noqa: BLE001
                log.warning("background.failed", name=self._name, error=type(exc).__name__, detail=str(exc))
                done = 0
            if not done:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._every_s)
