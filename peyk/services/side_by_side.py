"""Ask several outside systems at once, all inside one deadline."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from peyk.errors import Unavailable
from peyk.threads import in_thread

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A call that is under way."""

    system: str
    _future: Future[T]
    _deadline: Deadline

    def answer(self) -> T:
        """Wait for the answer, no longer than the deadline.

        Raises what the call raised, or Unavailable(system) when the time is up.
        """
        try:
            return self._future.result(timeout=self._deadline.left_s())
        except FutureTimeoutError:
            raise Unavailable(self.system, "slower than the deadline") from None


_turn_ends: contextvars.ContextVar[float | None] = contextvars.ContextVar("turn_ends", default=None)


def begin_turn(seconds: float) -> None:
    """Begin a turn: no Deadline made from here on in this context, and in its threads, ends later than it."""
    _turn_ends.set(time.monotonic() + seconds)


class Deadline:
    """The one time limit for everything an answer needs; it starts when it is made and ends with its turn."""

    def __init__(self, seconds: float) -> None:
        until, turn_ends = time.monotonic() + seconds, _turn_ends.get()
        self._until = until if turn_ends is None else min(until, turn_ends)

    def left_s(self) -> float:
        """Return the seconds that are left, never less than nothing."""
        return max(0.0, self._until - time.monotonic())

    def ask(self, system: str, call: Callable[[], T]) -> Question[T]:
        """Start `call` at once and return the question to wait on.

        Each call has a thread to itself: in a pool of so many places one carrier that hangs would take
        every place and silence the others.
        """
        return Question(system, in_thread(partial(contextvars.copy_context().run, call)), self)
