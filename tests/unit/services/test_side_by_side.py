"""One deadline for all questions, asked at once."""

from __future__ import annotations

from threading import Barrier, Event

import pytest
import structlog

from peyk.errors import NotFound, Unavailable
from peyk.logging import bind_correlation
from peyk.services.side_by_side import Deadline


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
