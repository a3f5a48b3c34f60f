"""A whole Peyk on SQLite and Debian's Chromium in front of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.e2e.chat import Chat, chromium, started
from tests.stack import Stack

# All conversations of one test run come from one address.
ENOUGH = {
    "PEYK_OTP_PER_MOBILE_HOUR": "1000",
    "PEYK_OTP_PER_ADDRESS_HOUR": "1000",
    "PEYK_GUESS_PER_ADDRESS": "1000",
    # A card that follows its order within the patience of a test.
    "PEYK_WEBCHAT_CARD_REFRESH_S": "1",
}


@dataclass
class Watch:
    """What a visitor does not see: the browser's complaints and where its requests go."""

    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Watch a page."""
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("request", self._asked)
        page.on("websocket", lambda socket: self.addresses.append(socket.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self.addresses.append(request.url)


# One module long: Playwright's loop in the main thread would be in the way of tests with loops of their own.
@pytest.fixture(scope="module")
def executable() -> str:
    """The browser; where there is none its tests are skipped, with CI set they fail."""
    path = chromium()
    if path and Path(path).exists():
        return path
    reason = f"no Chromium at {path or '/usr/bin/chromium'}: apt-get install chromium, or set PEYK_TEST_CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser(executable: str) -> Iterator[Browser]:
    """The browser, started once."""
    with started(executable) as browser:
        yield browser


@pytest.fixture(scope="module")
def peyk(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole Peyk with the demo shop; after the browser's check, for it takes longer."""
    with Stack(tmp_path_factory.mktemp("sqlite"), env=ENOUGH) as stack:
        yield stack


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor without a past, at a desk."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    yield context
    context.close()


@pytest.fixture
def watch() -> Watch:
    """What the browser complained of; a test that provokes a complaint takes it out."""
    return Watch()


@pytest.fixture
def chat(context: BrowserContext, peyk: Stack, watch: Watch) -> Iterator[Chat]:
    """The demo page in Persian; whatever the test does, there are no complaints and no foreign requests."""
    page = context.new_page()
    watch.over(page)
    chat = Chat(page, f"{peyk.programs.url}/")
    chat.open()
    yield chat
    assert watch.complaints == []
    own = (chat.url, chat.url.replace("http", "ws", 1))
    assert [address for address in watch.addresses if not address.startswith(own)] == []
