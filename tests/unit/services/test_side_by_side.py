"""One deadline for all questions, asked at once."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from threading import Barrier, Event

import pytest
import structlog

from peyk.errors import NotFound, Unavailable
from peyk.logging import bind_correlation
from peyk.services.side_by_side import Deadline, begin_turn


def test_questions_run_at_the_same_time() -> None:
    together = Barrier(3)
    deadline = Deadline(10)
    questions = [deadline.ask("post", lambda: together.wait(10)) for _ in range(3)]
    assert {question.answer() for question in questions} == {0, 1, 2}


def test_the_deadline_is_shared() -> None:
    stuck = Event()
    deadline = Deadline(0.05)
    slow = deadline.ask("post", lambda: stuck.wait(30))
    with pytest.raises(Unavailable, match="post"):
        slow.answer()
    assert deadline.left_s() == 0
    late = deadline.ask("tipax", lambda: stuck.wait(30))
    with pytest.raises(Unavailable, match="tipax"):
        late.answer()
    stuck.set()


def test_an_answer_in_time_counts_after_it() -> None:
    done = Event()
    deadline = Deadline(0.05)

    def answer() -> int:
        done.set()
        return 7

    quick = deadline.ask("post", answer)
    assert done.wait(10)
    stuck = Event()
    with pytest.raises(Unavailable):
        deadline.ask("tipax", lambda: stuck.wait(30)).answer()
    stuck.set()
    assert quick.answer() == 7


@pytest.mark.parametrize("error", [NotFound("post"), ValueError("a mistake of ours")])
def test_what_the_call_raises_comes_out(error: Exception) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        Deadline(10).ask("post", fail).answer()


def test_a_time_out_inside_the_call_is_unavailable() -> None:
    def fail() -> None:
        raise TimeoutError

    with pytest.raises(Unavailable):
        Deadline(10).ask("post", fail).answer()


def test_the_correlation_id_goes_along() -> None:
    bind_correlation("abc")
    try:
        bound = Deadline(10).ask("post", structlog.contextvars.get_contextvars).answer()
    finally:
        bind_correlation("")
    assert bound == {"correlation_id": "abc"}
    assert structlog.contextvars.get_contextvars() == {}


class TestTurns:
    """However many things a turn asks for, one after the other, it ends in time."""

    def test_no_deadline_ends_later_than_the_turn(self) -> None:
        stuck = Event()

        def turn() -> None:
            begin_turn(0.05)
            for _ in range(3):
                with pytest.raises(Unavailable):
                    Deadline(10).ask("post", lambda: stuck.wait(30)).answer()
            assert Deadline(10).left_s() == 0

        copy_context().run(turn)
        stuck.set()

    def test_a_deadline_may_end_before_the_turn(self) -> None:
        def turn() -> float:
            begin_turn(100)
            return Deadline(1).left_s()

        assert 0 < copy_context().run(turn) <= 1

    def test_threads_are_in_the_turn(self) -> None:
        seen = []

        def turn() -> None:
            begin_turn(5)
            seen.append(Deadline(100).ask("post", lambda: Deadline(100).left_s()).answer())
            seen.append(asyncio.run(_in_a_thread()))

        async def _in_a_thread() -> float:
            return await asyncio.to_thread(lambda: Deadline(100).left_s())

        copy_context().run(turn)
        assert all(0 < left <= 5 for left in seen)

    def test_the_next_turn_has_all_its_time(self) -> None:
        def turns() -> float:
            begin_turn(0)
            begin_turn(100)
            return Deadline(50).left_s()

        assert copy_context().run(turns) > 40
        assert Deadline(50).left_s() > 40, "and outside a turn nothing is cut"
