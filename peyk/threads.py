"""A thread for every call, and threads that are used again: starting one costs more than most calls."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import Context
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

T = TypeVar("T")

# Threads that have nothing to do and are kept; those beyond them end.
SPARE = 32

_idle: list[_Worker] = []
_lock = Lock()


def in_thread(call: Callable[[], T]) -> Future[T]:
    """Begin `call` at once in a thread that does nothing else meanwhile; return what will have its outcome.

    There is no limit to how many run: a call that hangs costs the others nothing, and, for its thread is a daemon,
    does not keep the process from ending. Every call begins with no context variable set.
    """
    future: Future[T] = Future()
    # It runs from here on: who stops waiting for it cannot take it back.
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(Context().run(call))
        except BaseException as exc:  # noqa: BLE001  (whoever waits for the outcome gets it)
            future.set_exception(exc)

    with _lock:
        worker = _idle.pop() if _idle else None
    worker = worker or _Worker()
    worker.tasks.put(run)
    return future


class _Worker:
    """A thread that runs what it is given, one after the other."""

    def __init__(self) -> None:
        self.tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        Thread(target=self._work, name="call", daemon=True).start()

    def _work(self) -> None:
        while True:
            self.tasks.get()()
            with _lock:
                if len(_idle) >= SPARE:
                    return
                _idle.append(self)
