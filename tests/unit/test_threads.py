"""Every call has a thread to itself, and threads that are done serve again."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from threading import Barrier, Event, Thread, current_thread

import pytest

from peyk import threads
from peyk.threads import in_thread

_note: ContextVar[str] = ContextVar("note", default="nothing")


@pytest.fixture(autouse=True)
def _none_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_idle", [])


def until(true: Callable[[], bool]) -> None:
    """Wait for what follows an outcome: a thread goes back after it is told."""
    while not true():
        Event().wait(0.001)


def thread_of_a_call() -> Thread:
    return in_thread(current_thread).result(10)


def test_a_thread_serves_again() -> None:
    first = thread_of_a_call()
    until(lambda: len(threads._idle) == 1)
    assert thread_of_a_call() is first


def test_calls_that_hang_cost_the_others_nothing() -> None:
    never = Event()
    hanging = [in_thread(never.wait) for _ in range(100)]
    assert in_thread(lambda: 42).result(10) == 42
    assert not any(each.done() for each in hanging)
    never.set()
    assert [each.result(10) for each in hanging] == [True] * 100


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "SPARE", 2)
    together = Barrier(5)

    def meet() -> Thread:
        together.wait(10)
        return current_thread()

    used = [each.result(10) for each in [in_thread(meet) for _ in range(5)]]
    assert len(set(used)) == 5
    until(lambda: sum(each.is_alive() for each in used) == 2)
    assert len(threads._idle) == 2


@pytest.mark.parametrize("error", [ValueError("a mistake"), SystemExit()])
def test_what_a_call_raises_is_its_outcome_and_the_thread_goes_on(error: BaseException) -> None:
    def fail() -> None:
        raise error

    assert in_thread(fail).exception(10) is error
    until(lambda: len(threads._idle) == 1)
    assert in_thread(lambda: 42).result(10) == 42


def test_nothing_of_one_call_is_left_for_the_next() -> None:
    _note.set("of the caller")
    assert in_thread(_note.get).result(10) == "nothing"
    in_thread(lambda: _note.set("of a call")).result(10)
    until(lambda: len(threads._idle) == 1)
    assert in_thread(_note.get).result(10) == "nothing"


def test_who_does_not_wait_any_more_harms_nobody() -> None:
    never = Event()
    left = in_thread(never.wait)
    assert not left.cancel()
    never.set()
    assert left.result(10)
    until(lambda: len(threads._idle) == 1)


def test_they_do_not_keep_the_process() -> None:
    assert thread_of_a_call().daemon
