"""The event stream: it says that something changed, and ends with the session."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request

from peyk.web.console import events
from peyk.web.console.gate import COOKIE, Gate
from peyk.web.console.pages import Pages
from tests.unit.web.console.conftest import Browser, Console


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOOK_EVERY_S", 0.01)


def stream(console: Console, browser: Browser) -> AsyncIterator[str]:
    """Return the stream of an operator who is in."""
    headers = [(b"cookie", f"{COOKIE}={browser.cookies[COOKIE]}".encode())]
    request = Request({"type": "http", "method": "GET", "path": "/console/events", "headers": headers})
    gate = Gate(console.parts, Pages(console.clock))

    async def begin() -> AsyncIterator[str]:
        visit = await gate.enter(request)
        return events._stream(console.parts, gate, visit)

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
