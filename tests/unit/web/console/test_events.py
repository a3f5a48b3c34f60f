"""The event stream: it says that something changed, and ends with the session."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from starlette.requests import Request

from peyk.domain.conversations import Author, Ownership
from peyk.domain.staff import Role
from peyk.web.console import events
from peyk.web.console.gate import COOKIE, Gate
from peyk.web.console.pages import Pages
from tests.unit.web.console.conftest import Browser, Console


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(events, "ROUND_S", 0.01)


def stream(console: Console, browser: Browser, here: str = "") -> AsyncIterator[str]:
    """Return the stream of an operator who is in, and may have a conversation open."""
    headers = [(b"cookie", f"{COOKIE}={browser.cookies[COOKIE]}".encode())]
    request = Request({"type": "http", "method": "GET", "path": "/console/events", "headers": headers})
    gate = Gate(console.parts, Pages(console.clock))

    async def begin() -> AsyncIterator[str]:
        visit = await gate.enter(request)
        return events._stream(console.parts, gate, visit, here)

    opened: AsyncIterator[str] = console.run(begin())
    return opened


def told(console: Console, opened: AsyncIterator[str]) -> str:
    """Return the next event."""

    async def following() -> str:
        return await anext(opened)

    part: str = console.run(following())
    return part


def kind(part: str) -> str:
    """Return what kind of event it is."""
    return part.partition("event: ")[2].partition("\n")[0]


def test_a_change_of_the_queue_is_told(console: Console) -> None:
    browser = console.inside("sara")
    console.desk.begin("c1")
    opened = stream(console, browser)
    assert kind(told(console, opened)) == "changed"
    # Before the stream has looked again: what happens in between is not lost.
    console.desk.take("c1", console.person("sara").id)
    assert kind(told(console, opened)) == "changed"


def test_taken_and_given_back_between_two_looks_is_told(console: Console) -> None:
    browser = console.inside("sara")
    sara = console.person("sara")
    console.desk.begin("c1")
    opened = stream(console, browser, "c1")
    assert kind(told(console, opened)) == "changed"
    # The page may have seen in between that it was taken.
    console.desk.take("c1", sara.id)
    console.clock.advance(seconds=1)  # type: ignore[attr-defined]
    console.desk.release("c1", sara.id)
    assert kind(told(console, opened)) == "changed"


def test_quiet_it_gives_a_sign_of_life(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.0)
    opened = stream(console, console.inside("sara"))
    told(console, opened)
    assert told(console, opened).startswith(": ")


def test_with_the_session_it_ends(console: Console) -> None:
    browser = console.inside("sara")
    opened = stream(console, browser)
    told(console, opened)
    console.sessions.close_all(console.person("sara").id)
    assert kind(told(console, opened)) == "bye"
    with pytest.raises(StopAsyncIteration):
        told(console, opened)


def test_an_open_stream_keeps_nobody_in(console: Console) -> None:
    browser = console.inside("sara")
    opened = stream(console, browser)
    told(console, opened)
    console.clock.advance(minutes=60)  # type: ignore[attr-defined]
    assert kind(told(console, opened)) == "bye"


def test_nobody_else_hears_anything(console: Console) -> None:
    answer = console.browser().get("/console/events")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.text == events.BYE


def test_news_that_change_nothing_are_not_told(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.0)
    console.desk.begin("c1")
    opened = stream(console, console.inside("sara"))
    told(console, opened)
    console.live._tell("another conversation, that the assistant has")
    assert told(console, opened).startswith(": ")


def test_however_much_there_is_it_is_told_now_and_then(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "ROUND_S", 0.2)
    console.desk.begin("c1")
    opened = stream(console, console.inside("sara"))
    told(console, opened)
    for number in range(3):
        began = time.monotonic()
        console.desk.said("c1", Author.CUSTOMER, f"message {number}")
        console.live._tell("c1")
        assert kind(told(console, opened)) == "changed"
        assert time.monotonic() - began > 0.19


def test_what_is_said_in_the_open_conversation_is_told(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.0)
    browser = console.inside("lea", Role.LEAD)
    kept = console.desk.begin("c1")
    kept.about = replace(kept.about, ownership=Ownership())
    opened, elsewhere = stream(console, browser, "c1"), stream(console, browser)
    told(console, opened)
    told(console, elsewhere)
    # The assistant has it: nothing of it is in the queue.
    console.desk.said("c1", Author.CUSTOMER, "hello?")
    assert kind(told(console, opened)) == "changed"
    assert told(console, elsewhere).startswith(": ")


def test_the_sign_of_writing_comes_and_goes(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.0)
    console.desk.begin("c1")
    opened = stream(console, console.inside("sara"), "c1")
    told(console, opened)
    console.signs.typing.add("c1")
    assert kind(told(console, opened)) == "changed"
    assert told(console, opened).startswith(": ")
    console.signs.typing.discard("c1")
    assert kind(told(console, opened)) == "changed"


def test_who_may_not_see_a_conversation_is_told_nothing_of_it(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.0)
    kept = console.desk.begin("c1")
    kept.about = replace(kept.about, ownership=Ownership())
    opened = stream(console, console.inside("sara"), "c1")
    told(console, opened)
    console.signs.typing.add("c1")
    console.desk.said("c1", Author.CUSTOMER, "hello?")
    assert told(console, opened).startswith(": ")


def test_the_page_says_which_one_is_open(console: Console) -> None:
    console.desk.begin("c1")
    sara = console.inside("sara")
    assert 'data-events="/console/events?here=c1"' in sara.get("/console/conversations/c1").text
    assert 'data-events="/console/events"' in sara.get("/console/").text


def test_it_ends_when_the_edge_does_and_nobody_is_logged_out(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOOK_EVERY_S", 60.0)
    leaving = asyncio.Event()
    console.parts = replace(console.parts, told_to_leave=leaving.wait)
    opened = stream(console, console.inside("sara"))
    told(console, opened)
    leaving.set()
    with pytest.raises(StopAsyncIteration):
        told(console, opened)
