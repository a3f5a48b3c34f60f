"""What an edge that died had kept is answered by the next one, once, and when it can be."""

from __future__ import annotations

import asyncio

from peyk.ports.journal import CustomerMessage
from peyk.web.memory import Memory
from peyk.web.sentences import Answer
from peyk.web.webchat.replay import Replay
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


def test_one_that_cannot_be_answered_does_not_hold_up_the_others(edge: Edge) -> None:
    clock, bot = edge.parts.clock, Bot()
    for name, text in (("w-1", "bad"), ("w-2", "good")):
        left(edge, name, text)
        clock.advance(seconds=1)
    clock.advance(minutes=1)

    async def story() -> None:
        memory = Memory(edge.parts.journal, edge.parts.upkeep, clock)
        replay = Replay(edge.parts.journal, memory, bot, edge.parts.files, clock, 20.0)  # type: ignore[arg-type]
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
