"""News of conversations: at once in this process, soon from others, and nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

from peyk.errors import Unavailable
from peyk.web.live import Live

SOON_S = 5.0
NOT_AT_ALL_S = 0.05


class Numbers:
    """The journal's last numbers, as another process may change them."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}
        self.away = False
        self.asked: list[list[str]] = []

    async def last_seqs(self, conversation_ids: Collection[str]) -> dict[str, int]:
        self.asked.append(sorted(conversation_ids))
        if self.away:
            raise Unavailable("store")
        return {name: self.last[name] for name in conversation_ids if name in self.last}


def with_live(story: Callable[[Live], Awaitable[None]], numbers: Numbers | None = None) -> None:
    """Let a story happen while a hub runs."""

    async def run() -> None:
        hub = Live((numbers or Numbers()).last_seqs, poll_s=0.01)
        hub.start()
        try:
            await story(hub)
        finally:
            await hub.stop()

    asyncio.run(run())


def test_a_nudge_is_told_to_its_watchers_and_to_who_watches_all() -> None:
    async def story(live: Live) -> None:
        with live.watch("c1") as first, live.watch("c1") as second, live.watch_all() as everything:
            live.nudge("c1")
            assert await first.changed(SOON_S)
            assert await second.changed(SOON_S)
            assert await everything.changed(SOON_S)
            assert not await first.changed(NOT_AT_ALL_S)

    with_live(story)


def test_another_conversations_news_is_not_told() -> None:
    async def story(live: Live) -> None:
        with live.watch("c1") as watch:
            live.nudge("c2")
            assert not await watch.changed(NOT_AT_ALL_S)

    with_live(story)


def test_news_before_the_waiting_is_not_lost() -> None:
    async def story(live: Live) -> None:
        with live.watch("c1") as watch:
            live.nudge("c1")
            await asyncio.sleep(0)
            assert await watch.changed(SOON_S)

    with_live(story)


def test_a_nudge_may_come_from_a_thread() -> None:
    async def story(live: Live) -> None:
        with live.watch("c1") as watch:
            await asyncio.to_thread(live.nudge, "c1")
            assert await watch.changed(SOON_S)

    with_live(story)


def test_what_another_process_keeps_is_told_once() -> None:
    numbers = Numbers()

    async def story(live: Live) -> None:
        with live.watch("c1") as watch:
            numbers.last["c1"] = 1
            assert await watch.changed(SOON_S)
            assert not await watch.changed(NOT_AT_ALL_S)
            numbers.last["c1"] = 2
            assert await watch.changed(SOON_S)

    with_live(story, numbers)


def test_a_store_that_was_away_is_asked_again() -> None:
    numbers = Numbers()

    async def story(live: Live) -> None:
        numbers.away = True
        with live.watch("c1") as watch:
            assert not await watch.changed(NOT_AT_ALL_S)
            numbers.away, numbers.last = False, {"c1": 7}
            assert await watch.changed(SOON_S)

    with_live(story, numbers)


def test_only_the_watched_are_asked_for() -> None:
    numbers = Numbers()

    async def story(live: Live) -> None:
        with live.watch("c1") as watch, live.watch_all():
            numbers.last["c1"] = 1
            await watch.changed(SOON_S)
        asked = len(numbers.asked)
        assert numbers.asked[-1] == ["c1"]
        await asyncio.sleep(NOT_AT_ALL_S)
        assert len(numbers.asked) <= asked + 1

    with_live(story, numbers)


def test_who_has_seen_an_entry_is_not_told_of_it_and_the_others_are() -> None:
    numbers = Numbers()
    numbers.last["c1"] = 5

    async def story(live: Live) -> None:
        with live.watch("c1") as ahead, live.watch("c1") as behind:
            ahead.saw(5)
            assert await behind.changed(SOON_S)
            assert not await ahead.changed(NOT_AT_ALL_S)
            numbers.last["c1"] = 6
            assert await ahead.changed(SOON_S)
            assert await behind.changed(SOON_S)

    with_live(story, numbers)


def test_before_the_start_a_nudge_is_nothing() -> None:
    Live(Numbers().last_seqs).nudge("c1")
