"""What an edge that died had kept is answered by the next one, once, and when it can be."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from peyk.ports.journal import CustomerMessage
from peyk.web.memory import Memory
from peyk.web.sentences import Answer
from peyk.web.webchat.replay import ROUND, Replay
from tests.unit.web.chat_steps import Browser, conversation_of, new_id
from tests.unit.web.conftest import Edge, FakeRasa, StartEdge


def left(edge: Edge, here: str, text: str) -> None:
    """Keep a message as an edge does that dies before it answers."""
    message = CustomerMessage(new_id(), text)
    edge.parts.journal.accept(here, "webchat", message, language="en", now=edge.parts.clock.now())


def test_what_was_left_is_answered_at_the_next_start(start_edge: StartEdge, rasa: FakeRasa) -> None:
    edge = start_edge()
    token = Browser(edge).token
    left(edge, conversation_of(edge, token), "where is it?")
    edge.parts.clock.advance(seconds=60)
    edge.stop()
    browser = Browser(start_edge(), token)
    texts = [each["text"] for each in browser.welcome["entries"]]
    if "echo where is it?" not in texts:
        browser.entries(1)
    assert rasa.texts == ["where is it?"]


def test_what_may_be_under_way_elsewhere_is_not_touched(start_edge: StartEdge, rasa: FakeRasa) -> None:
    edge = start_edge()
    token = Browser(edge).token
    left(edge, conversation_of(edge, token), "where is it?")
    edge.parts.clock.advance(seconds=20)
    edge.stop()
    browser = Browser(start_edge(), token)
    browser.say("and now?")
    browser.entries(1)
    assert rasa.texts == ["and now?"]


class Bot:
    """Turns that answer what they are told to."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.down = {"bad"}

    async def answer(self, incoming: object) -> Answer:
        text = getattr(incoming, "text", None)
        self.asked.append(text)
        return Answer(503 if text in self.down else 200, ())


def replay_of(edge: Edge, memory: Memory, bot: Bot) -> Replay:
    parts = edge.parts
    return Replay(parts.journal, memory, bot, parts.files, parts.ticks, parts.clock, 20.0)  # type: ignore[arg-type]


def test_one_that_cannot_be_answered_does_not_hold_up_the_others(edge: Edge) -> None:
    # Its own replay must not take part.
    edge.stop()
    clock, bot = edge.parts.clock, Bot()
    for name, text in (("w-1", "bad"), ("w-2", "good")):
        left(edge, name, text)
        clock.advance(seconds=1)
    clock.advance(minutes=1)

    async def story() -> None:
        memory = Memory(edge.parts.journal, edge.parts.upkeep, clock)
        replay = replay_of(edge, memory, bot)
        assert await replay.look() == 0
        assert bot.asked == ["bad"]
        # Put off: the next one has its turn.
        assert await replay.look() == 1
        assert bot.asked == ["bad", "good"]
        clock.advance(seconds=21)
        bot.down.clear()
        assert await replay.look() >= 1
        assert bot.asked[2] == "bad"
        memory.stop()

    asyncio.run(story())


class SlowBot(Bot):
    """One whose answer to "slow" takes until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.down = set()
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def answer(self, incoming: object) -> Answer:
        answer = await super().answer(incoming)
        self.begun.set()
        await self.go.wait()
        return answer


def test_of_two_edges_one_asks(edge: Edge) -> None:
    # Its own replay must not take part.
    edge.stop()
    clock, bot = edge.parts.clock, SlowBot()
    left(edge, "w-1", "send me a code")
    clock.advance(minutes=5)

    async def story() -> None:
        memory = Memory(edge.parts.journal, edge.parts.upkeep, clock)
        one, other = replay_of(edge, memory, bot), replay_of(edge, memory, bot)
        asking = asyncio.create_task(one.look())
        await bot.begun.wait()
        assert await asyncio.wait_for(other.look(), 10) == 0
        bot.go.set()
        assert await asking == 1
        assert bot.asked == ["send me a code"]
        # The round is over: the next one is anybody's. (This bot keeps no answer.)
        assert await other.look() == 1
        memory.stop()

    asyncio.run(story())


def test_what_an_edge_that_died_had_taken_up_is_asked_later(edge: Edge) -> None:
    # Its own replay must not take part.
    edge.stop()
    clock, bot = edge.parts.clock, SlowBot()
    left(edge, "w-1", "send me a code")
    clock.advance(minutes=5)

    async def story() -> None:
        memory = Memory(edge.parts.journal, edge.parts.upkeep, clock)
        asking = asyncio.create_task(replay_of(edge, memory, bot).look())
        await bot.begun.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        bot.go.set()
        other = replay_of(edge, memory, bot)
        # The turn may go on at Rasa.
        assert await other.look() == 0
        clock.advance(minutes=5)
        assert await other.look() == 1
        memory.stop()

    asyncio.run(story())


def test_whoever_has_lost_the_round_asks_no_more(edge: Edge) -> None:
    # Its own replay must not take part.
    edge.stop()
    clock, bot = edge.parts.clock, SlowBot()
    for name in ("w-1", "w-2"):
        left(edge, name, name)
        clock.advance(seconds=1)
    clock.advance(minutes=5)

    async def story() -> None:
        memory = Memory(edge.parts.journal, edge.parts.upkeep, clock)
        asking = asyncio.create_task(replay_of(edge, memory, bot).look())
        await bot.begun.wait()
        clock.advance(minutes=5)
        now = clock.now()
        assert edge.parts.ticks.claim(ROUND, now, now + timedelta(minutes=1))
        bot.go.set()
        assert await asking == 1
        assert bot.asked == ["w-1"]
        # What another has taken since is not let go of.
        assert await replay_of(edge, memory, bot).look() == 0
        memory.stop()

    asyncio.run(story())
