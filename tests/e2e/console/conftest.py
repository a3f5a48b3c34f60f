"""The console on a free port, with people in the queue, and a browser before it."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from peyk.domain.conversations import Author
from peyk.domain.handoff import HandoffReason
from peyk.domain.queues import Priority, Queue
from peyk.domain.staff import CannedAnswer, Role
from peyk.domain.tickets import TicketReason
from peyk.store.engine import make_engine
from peyk.store.tables import metadata
from peyk.web.console.pages import STATIC
from tests.fakes.console import PASSWORD, Surroundings
from tests.unit.services.fakes import order

ROOT = Path(__file__).parents[3]
NPM = ROOT / "widget" / "node_modules"
PATIENCE_S = 20


class SteadyClock:
    """Saturday morning in Tehran, when the office is open."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Desk(Surroundings):
    """A console with a morning's work."""

    url = ""

    def morning(self) -> None:
        """Fill the queue."""
        self.operator("sara", Role.ADMIN, name="سارا احمدی", language="fa")
        self.operator("daniel", Role.LEAD, name="Daniel", language="en")
        self.operator("ali", Role.AGENT, name="علی")
        now = self.clock.now()
        facts = {
            "orderId": "TS-104233",
            "status": "out_for_delivery",
            "eta": "2026-11-22T08:30:00+00:00",
            "items": [{"title": "هدفون بی‌سیم", "quantity": 1}],
            "tracking": {"carrier": "post", "code": "TRK-88392011"},
        }
        self.desk.begin(
            "c1",
            "بسته‌ام خیس رسیده و کسی جواب نمی‌دهد",
            reason=HandoffReason.ANGRY,
            order=facts,
            level=2,
            mobile="0912***67",
            tried=("وضعیت سفارش", "رهگیری مرسوله"),
            since=now - timedelta(minutes=14),
        )
        self.desk.said("c1", Author.CUSTOMER, "سفارش TS-104233 کجاست؟")
        self.desk.said("c1", Author.BOT, "سفارش TS-104233 امروز به دستتان می‌رسد.", buttons=["جزئیات", "گفت‌وگو با پشتیبان"])
        self.desk.said("c1", Author.CUSTOMER, "بسته‌ام خیس رسیده و کسی جواب نمی‌دهد. شماره‌ام 09121234567")
        self.desk.said("c1", Author.SYSTEM, "شما نفر دوم صف هستید.")
        self.desk.said("c1", Author.CUSTOMER, None, files=[{"id": "f1", "name": "جعبه خیس.jpg", "type": "image/jpeg", "size": 9}])
        self.desk.begin(
            "c2",
            "I want my money back for TS-104180",
            reason=HandoffReason.LEVEL3,
            queue=Queue.VIP,
            priority=Priority.VIP,
            language="en",
            channel="telegram",
            since=now - timedelta(minutes=2),
            order={"orderId": "TS-104180", "status": "delayed"},
        )
        self.desk.said("c2", Author.CUSTOMER, "I want my money back for TS-104180")
        self.desk.begin("c3", "می‌خواهم با کسی حرف بزنم", since=now - timedelta(minutes=6))
        self.desk.said("c3", Author.CUSTOMER, "می‌خواهم با کسی حرف بزنم")
        self.customers.add("c1", order(), vip=True)
        self.tickets.open(TicketReason.DAMAGED, "c1", order_number="TS-104233", note="بسته خیس بود", mobile="09121234567")
        self.tickets.open(TicketReason.REFUND, "c2", order_number="TS-104180", priority=Priority.VIP, queue=Queue.VIP)
        self.canned.save(
            CannedAnswer("a1", "سلام و بررسی", "سلام، {agent} هستم. سفارش {order} را بررسی می‌کنم.", "Hello, this is {agent}. I am looking into order {order}.")
        )
        self.canned.save(CannedAnswer("a2", "زمان تحویل", "سفارش {order} تا {eta} می‌رسد.", "Order {order} arrives by {eta}."))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Desk]]:
    """Return how to begin a morning; all of one module share a server."""
    script = NPM / "htmx.org" / "dist" / "htmx.min.js"
    if not (STATIC / "htmx.min.js").exists() and script.exists():
        shutil.copy(script, STATIC)
    if not (STATIC / "htmx.min.js").exists():
        pytest.skip("htmx is not there: run npm ci in widget/, or build the widget")
    current: dict[str, Desk] = {}
    folder = tmp_path_factory.mktemp("console")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await current["app"](scope, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()

    def begin() -> Desk:
        engine = make_engine(f"sqlite:///{folder}/{len(list(folder.iterdir()))}.db")
        metadata.create_all(engine)
        desk = Desk(engine, SteadyClock(), console_tries=100, console_tries_address=1000)
        desk.morning()
        desk.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        current["app"] = desk.app()
        return desk

    yield begin
    server.should_exit = True
    thread.join(PATIENCE_S)


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


SIZES = {"desk": {"width": 1280, "height": 800}, "tablet": {"width": 768, "height": 1024}}


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
