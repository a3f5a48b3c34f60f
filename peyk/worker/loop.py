"""Regular tasks: each is done by one of all running processes, once an interval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from peyk.ports.clock import Clock
from peyk.ports.handoff import Ticks

log = structlog.get_logger(__name__)

POLL_S = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """A task and how often it is done; it blocks, and may be done again at any time without harm."""

    name: str
    every: timedelta
    run: Callable[[datetime], None]


class Worker:
    """Does what is due, in the edge or in a process of its own; any number may run."""

    def __init__(self, jobs: Sequence[Job], ticks: Ticks, clock: Clock, poll_s: float = POLL_S) -> None:
        """Take the tasks; nothing is done before `run`."""
        self.jobs = tuple(jobs)
        self._ticks = ticks
        self._clock = clock
        self._poll_s = poll_s

    async def run(self) -> None:
        """Do what is due until cancelled; a slow task keeps no other from its time."""
        await asyncio.gather(*(self._repeat(job) for job in self.jobs))

    async def _repeat(self, job: Job) -> None:
        while True:
            await asyncio.sleep(self._poll_s)
            await asyncio.to_thread(self.turn, job)

    def turn(self, job: Job) -> None:
        """Do a task if it is due and nobody else does it; a failure is logged, and the next turn may be better."""
        now = self._clock.now()
        try:
            if self._ticks.claim(f"worker.{job.name}", now, now + job.every):
                job.run(now)
        except Exception as exc:  # noqa: BLE001
            log.warning("worker.failed", job=job.name, error=type(exc).__name__, detail=str(exc))
