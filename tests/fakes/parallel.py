"""Calls made at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from peyk.errors import Throttled

T = TypeVar("T")


def in_parallel(call: Callable[[int], T], times: int = 8) -> list[T | Throttled]:
    """Run `call(0)` … `call(times - 1)` in as many threads, released together; a limit is a result like any other."""
    barrier = Barrier(times)

    def run(index: int) -> T | Throttled:
        barrier.wait(timeout=30)
        try:
            return call(index)
        except Throttled as exc:
            return exc

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))
