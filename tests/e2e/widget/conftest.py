"""The widget in Debian's Chromium before a fake chat server."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.conftest import Watch
from tests.e2e.widget.widget import Widget
from tests.fakes.chat_server import WIDGET, ChatServer, serving


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The bundle; without it there is nothing to test."""
    if not (WIDGET / "peyk.js").exists():
        reason = "the widget is not built: make widget"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A chat server of this test's own."""
    with serving() as server:
        yield server


@pytest.fixture
def widget(context: BrowserContext, server: ChatServer, watch: Watch) -> Iterator[Widget]:
    """The widget in one tab, not yet opened; whatever happens, nobody else is asked and no script fails."""
    page = context.new_page()
    watch.over(page)
    yield Widget(page, server)
    assert [
        each for each in watch.addresses if not each.startswith((server.url, server.url.replace("http", "ws")))
    ] == []
    # What the browser says of a server that is away, or has trouble, as tests make it.
    faults = ("ERR_CONNECTION", "WebSocket", "status of 50")
    assert [each for each in watch.complaints if not any(fault in each for fault in faults)] == []
