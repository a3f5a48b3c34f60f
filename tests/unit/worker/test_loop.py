"""Regular tasks: once an interval, whoever runs; a failure ends nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from peyk.errors import Unavailable
from peyk.store.handoff import StoredTicks
from peyk.worker import Job, Worker
from tests.unit.services.fakes import FakeClock

EVERY = timedelta(seconds=15)


@pytest.fixture
def ticks(engine_of: Callable[[str], Engine]) -> StoredTicks:
    return StoredTicks(engine_of("sqlite"))


def test_two_processes_do_it_once_an_interval(ticks: StoredTicks, clock: FakeClock) -> None:
    done: list[tuple[str, datetime]] = []

    def by(name: str) -> tuple[Worker, Job]:
        job = Job("handoff", EVERY, lambda now: done.append((name, now)))
        return Worker([job], ticks, clock), job

    workers = [by("edge"), by("worker")]
    for _ in range(4):
        for worker, job in workers:
            worker.turn(job)
        clock.advance(seconds=10)
    # At 0, 20: at 10 and 30 the interval is not over.
    assert len(done) == 2
    assert {now for _, now in done} == {clock.now() - timedelta(seconds=40), clock.now() - timedelta(seconds=20)}


def test_a_failure_is_logged_and_the_next_turn_comes(ticks: StoredTicks, clock: FakeClock) -> None:
    done: list[str] = []

    def fail(_: datetime) -> None:
        done.append("failed")
        raise Unavailable("store")

    jobs = [Job("broken", EVERY, fail), Job("whole", EVERY, lambda _: done.append("whole"))]
    worker = Worker(jobs, ticks, clock)
    for _ in range(2):
        for job in jobs:
            worker.turn(job)
        clock.advance(seconds=15)
    assert done == ["failed", "whole", "failed", "whole"]


def test_it_runs_until_cancelled(ticks: StoredTicks, clock: FakeClock) -> None:
    async def work() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(_: datetime) -> None:
            loop.call_soon_threadsafe(done.set)

        job = Job("handoff", EVERY, tell)
        running = asyncio.create_task(Worker([job], ticks, clock, poll_s=0.0).run())
        async with asyncio.timeout(20):
            await done.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(work())


def test_a_slow_task_keeps_no_other_from_its_time(ticks: StoredTicks, clock: FakeClock) -> None:
    stuck = threading.Event()

    async def work() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wait(_: datetime) -> None:
            stuck.wait(20)

        def tell(_: datetime) -> None:
            loop.call_soon_threadsafe(done.set)

        jobs = [Job("slow", EVERY, wait), Job("quick", EVERY, tell)]
        running = asyncio.create_task(Worker(jobs, ticks, clock, poll_s=0.0).run())
        async with asyncio.timeout(10):
            await done.wait()
        stuck.set()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(work())
