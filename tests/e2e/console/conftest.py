"""The console on a free port, with people in the queue, and a browser before it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from peyk.store.engine import make_engine
from peyk.store.tables import metadata
from peyk.web.console.pages import STATIC
from tests.e2e.console.morning import Desk, SteadyClock
from tests.fakes.console import PASSWORD
from tests.fakes.serving import PATIENCE_S, serving

ROOT = Path(__file__).parents[3]
NPM = ROOT / "widget" / "node_modules"
expect.set_options(timeout=PATIENCE_S * 1000)


def _need_htmx() -> None:
    wanted, script = STATIC / "htmx.min.js", NPM / "htmx.org" / "dist" / "htmx.min.js"
    if wanted.exists():
        return
    if os.environ.get("CI"):
        # There `make setup` has to have put it where the edge serves it from.
        pytest.fail("htmx is not there: make setup did not bring it")
    if not script.exists():
        pytest.skip("htmx is not there: run make setup")
    shutil.copy(script, STATIC)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Desk]]:
    """Return how to begin a morning; all of one module share a server."""
    _need_htmx()
    current: dict[str, FastAPI] = {}
    folder = tmp_path_factory.mktemp("console")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await current["app"](scope, receive, send)

    config = uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    with serving(uvicorn.Server(config)) as url:

        def begin() -> Desk:
            engine = make_engine(f"sqlite:///{folder}/{len(list(folder.iterdir()))}.db")
            metadata.create_all(engine)
            desk = Desk(engine, SteadyClock(), console_tries=100, console_tries_address=1000)
            desk.morning()
            desk.url = url
            current["app"] = desk.app()
            return desk

        yield begin


@pytest.fixture
def desk(served: Callable[[], Desk]) -> Desk:
    """A fresh morning."""
    return served()


class Seat:
    """An operator before a browser; what the browser complains of is kept."""

    def __init__(self, context: BrowserContext, desk: Desk) -> None:
        self.context = context
        self.desk = desk
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def log_in(self, login: str) -> Page:
        self.page.goto(f"{self.desk.url}/console/login")
        self.page.locator("[name=login]").fill(login)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("button.main").click()
        self.page.wait_for_url("**/console/")
        return self.page

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.desk.url}{path}")
        return self.page


SIZES: dict[str, ViewportSize] = {
    "desk": {"width": 1280, "height": 800},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 360, "height": 640},
}


@pytest.fixture
def seat_at(browser: Browser, desk: Desk) -> Iterator[Callable[..., Seat]]:
    """Return how to sit down; at the end no browser has complained of anything."""
    seats: list[Seat] = []

    def sit(size: str = "desk", **options: Any) -> Seat:
        seats.append(Seat(browser.new_context(viewport=SIZES[size], **options), desk))
        return seats[-1]

    yield sit
    complaints = [complaint for seat in seats for complaint in seat.complaints]
    for seat in seats:
        seat.context.close()
    assert complaints == []
