"""One message a second to a chat, thirty in all, in order, nothing lost: on a clock that moves only while all wait."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from peyk.channels.telegram.errors import ChatGone, SlowDown
from peyk.channels.telegram.pace import Pace

START = 1000.0


class FakeTime:
    """Time that passes when everybody sleeps."""

    def __init__(self) -> None:
        self.now = START
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, future))
        await future

    async def run(self, *work: Coroutine[Any, Any, Any]) -> list[Any]:
        """Run `work` side by side, in this order, to the end."""
        tasks = [asyncio.create_task(one) for one in work]
        while not all(task.done() for task in tasks):
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers:
                moment, _, future = heapq.heappop(self._sleepers)
                self.now = max(self.now, moment)
                if not future.done():
                    future.set_result(None)
        return await asyncio.gather(*tasks, return_exceptions=True)


class Chats:
    """Where messages arrive: (moment since the start, chat, message)."""

    def __init__(self, time: FakeTime) -> None:
        self.arrived: list[tuple[float, int, Any]] = []
        self.slow_downs: list[int] = []
        self.takes_s = 0.0
        self._time = time

    def call(self, chat_id: int, message: Any) -> Callable[[], Awaitable[Any]]:
        async def call() -> Any:
            if self.takes_s:
                await self._time.sleep(self.takes_s)
            if self.slow_downs:
                raise SlowDown("telegram", self.slow_downs.pop(0))
            self.arrived.append((round(self._time.now - START, 6), chat_id, message))
            return message

        return call

    def of(self, chat_id: int) -> list[tuple[float, Any]]:
        return [(moment, message) for moment, chat, message in self.arrived if chat == chat_id]


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def chats(time: FakeTime) -> Chats:
    return Chats(time)


@pytest.fixture
def pace(time: FakeTime) -> Pace:
    return Pace(monotonic=time.monotonic, sleep=time.sleep)


def run(time: FakeTime, pace: Pace, chats: Chats, *messages: tuple[int, Any]) -> list[Any]:
    return asyncio.run(time.run(*(pace.send(chat, chats.call(chat, message)) for chat, message in messages)))


def test_the_first_message_goes_at_once(time: FakeTime, pace: Pace, chats: Chats) -> None:
    assert run(time, pace, chats, (1, "a")) == ["a"]
    assert chats.arrived == [(0, 1, "a")]


def test_one_message_a_second_to_a_chat_in_order(time: FakeTime, pace: Pace, chats: Chats) -> None:
    run(time, pace, chats, *((1, number) for number in range(5)))
    assert chats.of(1) == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]


def test_a_second_after_the_end_of_a_slow_one(time: FakeTime, pace: Pace, chats: Chats) -> None:
    chats.takes_s = 0.4
    run(time, pace, chats, (1, "a"), (1, "b"))
    assert chats.of(1) == [(0.4, "a"), (1.8, "b")]


def test_chats_do_not_wait_for_each_other(time: FakeTime, pace: Pace, chats: Chats) -> None:
    run(time, pace, chats, (1, "a"), (1, "b"), (2, "c"))
    assert chats.of(2) == [(0, "c")]


def test_thirty_a_second_in_all(time: FakeTime, pace: Pace, chats: Chats) -> None:
    run(time, pace, chats, *((chat, "x") for chat in range(95)))
    moments = [moment for moment, _, _ in chats.arrived]
    assert [moments.count(second) for second in range(4)] == [30, 30, 30, 5]
    assert all(late - early >= 1 for early, late in zip(moments, moments[30:], strict=False))
    assert [chat for _, chat, _ in chats.arrived] == list(range(95)), "first come, first served"


def test_a_pause_the_api_asks_for_is_kept_by_that_chat_alone(time: FakeTime, pace: Pace, chats: Chats) -> None:
    chats.slow_downs = [7]
    results = run(time, pace, chats, (1, "a"), (1, "b"), (2, "c"))
    assert chats.of(1) == [(7, "a"), (8, "b")], "in order, nothing dropped"
    assert chats.of(2) == [(0, "c")]
    assert results == ["a", "b", "c"]


def test_it_may_ask_again(time: FakeTime, pace: Pace, chats: Chats) -> None:
    chats.slow_downs = [7, 30, 1]
    run(time, pace, chats, (1, "a"))
    assert chats.of(1) == [(38, "a")]


def test_a_shorter_pause_than_ours_is_not_shorter(time: FakeTime, chats: Chats) -> None:
    pace = Pace(monotonic=time.monotonic, sleep=time.sleep, chat_pause_s=5)
    chats.slow_downs = [1]
    run(time, pace, chats, (1, "a"))
    assert chats.of(1) == [(5, "a")]


def test_another_error_is_raised_and_the_next_message_goes_on(time: FakeTime, pace: Pace, chats: Chats) -> None:
    async def blocked() -> None:
        raise ChatGone("telegram", "403")

    async def both() -> list[Any]:
        return await time.run(pace.send(1, blocked), pace.send(1, chats.call(1, "b")))

    error, answer = asyncio.run(both())
    assert isinstance(error, ChatGone)
    assert answer == "b"
    assert chats.of(1) == [(1, "b")], "a refused call counts for the limit, too"


def test_a_message_given_up_leaves_the_others_their_turn(time: FakeTime, pace: Pace, chats: Chats) -> None:
    async def given_up() -> None:
        waiting = asyncio.create_task(pace.send(1, chats.call(1, "b")))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    async def all_of_it() -> None:
        await time.run(pace.send(1, chats.call(1, "a")), given_up(), pace.send(1, chats.call(1, "c")))

    asyncio.run(all_of_it())
    assert [message for _, message in chats.of(1)] == ["a", "c"]


def test_a_sleep_that_ends_early_is_slept_again(time: FakeTime, chats: Chats) -> None:
    async def light(seconds: float) -> None:
        await time.sleep(max(seconds / 2, 0.01))

    pace = Pace(monotonic=time.monotonic, sleep=light)
    run(time, pace, chats, (1, "a"), (1, "b"))
    assert all(late - early >= 1 for (early, _), (late, _) in pairwise(chats.of(1)))


def test_chats_at_rest_are_forgotten_and_busy_ones_kept(time: FakeTime, pace: Pace, chats: Chats) -> None:
    run(time, pace, chats, *((chat, "x") for chat in range(1000)))
    run(time, pace, chats, (5000, "a"), (5000, "b"))
    lanes: dict[int, object] = vars(pace)["_lanes"]
    assert len(lanes) < 100
    assert chats.of(5000)[1][0] - chats.of(5000)[0][0] == pytest.approx(1)
    assert len(chats.arrived) == 1002


def test_a_chat_is_not_forgotten_while_its_pause_lasts(time: FakeTime, pace: Pace, chats: Chats) -> None:
    run(time, pace, chats, *((chat, "x") for chat in range(1000)))
    run(time, pace, chats, (5000, "makes room"), (999, "again"))
    (first, _), (second, _) = chats.of(999)
    assert second - first >= 1
