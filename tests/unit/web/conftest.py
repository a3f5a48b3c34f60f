"""A real edge on a free port, with a scripted Rasa on a real socket and the real store in SQLite."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from peyk.bootstrap import make_files, webhook_delivery
from peyk.bootstrap_helpdesk import make_helpdesks
from peyk.services import Files, HandOff, VerifyCustomer
from peyk.services.helpdesks import Helpdesks
from peyk.services.helped import DidItHelp
from peyk.services.office_hours import OfficeHoursService
from peyk.services.shop_connect import ShopDoors
from peyk.services.sla import Sla
from peyk.services.webhook_delivery import WebhookDelivery
from peyk.settings import Settings
from peyk.store.addresses import StoredAddresses
from peyk.store.api_keys import StoredApiKeys
from peyk.store.engine import make_engine
from peyk.store.handoff import StoredTicks
from peyk.store.identity import StoredVerifications
from peyk.store.inbox import StoredInbox
from peyk.store.journal import StoredJournal
from peyk.store.office_hours import StoredOfficePlans
from peyk.store.prune import StoreUpkeep
from peyk.store.records import make_records
from peyk.store.rest import StoredRestBook
from peyk.store.system_states import StoredSystemStates
from peyk.store.tables import metadata
from peyk.store.ticket_desk import StoredTickets
from peyk.tls import trusted
from peyk.web.app import create_app
from peyk.web.patience import Timing
from peyk.web.server import EdgeServer, configured
from peyk.web.telegram import PATH
from peyk.worker import Worker
from tests.fakes.serving import PATIENCE_S, serving
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.websocket import close_all
from tests.unit.services.fakes import FakeMessenger
from tests.unit.services.handoffs import FakeDesk, hand_off
from tests.unit.web.doubles import FakeFaults, FakeFollow, FakeOutbox, FakeProgress, QuickTime

SECRET = "s" * 40
RUN_SECRET = "r" * 40
Json = Any


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 21, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> None:
        self._now += timedelta(**by)


class FakeRasa:
    """Rasa's channel as the edge sees it: it answers by script and holds back what it is told to."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Json] = []
        self.secrets: list[str | None] = []
        self.answer: Callable[[Json], Json] = lambda body: [{"text": f"echo {body.get('text', body.get('payload'))}"}]
        self.status = 200
        self.raw: bytes | None = None
        self.hang_up = False
        self.ready = True
        self._changed = threading.Condition()
        self._held: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def texts(self) -> list[str]:
        return [body.get("text", body.get("payload")) for body in self.requests]

    def hold(self, text: str) -> None:
        with self._changed:
            self._held.add(text)

    def release(self, text: str) -> None:
        with self._changed:
            self._held.discard(text)
            self._changed.notify_all()

    def wait_for(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.texts, PATIENCE_S), f"{text} never arrived"

    def stop(self) -> None:
        with self._changed:
            self._held.clear()
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def serve(self, body: Json) -> tuple[int, bytes]:
        text = body.get("text", body.get("payload"))
        with self._changed:
            self.requests.append(body)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: text not in self._held, PATIENCE_S)
        if self.raw is not None:
            return self.status, self.raw
        return self.status, json.dumps({"messages": self.answer(body)}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._reply(200 if fake.ready else 503, b"{}")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.secrets.append(self.headers.get("X-Peyk-Secret"))
                if fake.hang_up:
                    fake.requests.append(body)
                    self.close_connection = True
                    return
                self._reply(*fake.serve(body))

            def _reply(self, status: int, content: bytes) -> None:
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                return

        return Handler


@dataclass
class Parts:
    """What bootstrap's App gives the edge."""

    settings: Settings
    engine: Engine
    clock: FakeClock
    journal: StoredJournal
    inbox: StoredInbox
    addresses: StoredAddresses
    files: Files
    identity: VerifyCustomer
    upkeep: StoreUpkeep
    verifications: StoredVerifications
    api_keys: StoredApiKeys
    rest_book: StoredRestBook
    webhook_delivery: WebhookDelivery
    outbox: FakeOutbox | None
    faults: FakeFaults | None
    progress: FakeProgress | None
    follow: FakeFollow
    handoff: HandOff
    did_it_help: DidItHelp
    worker: Worker
    desk: FakeDesk
    ticks: StoredTicks
    system_states: StoredSystemStates
    helpdesks: Helpdesks = field(default_factory=Helpdesks)
    shop_doors: ShopDoors = field(default_factory=ShopDoors)


class Arrivals:
    """Counts the requests whose body the edge has read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._changed = threading.Condition()
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counting() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                with self._changed:
                    self.count += 1
                    self._changed.notify_all()
            return message

        await self._app(scope, counting, send)

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.count >= count, PATIENCE_S)


@dataclass
class Edge:
    """A running edge and the ways to speak to it."""

    url: str
    parts: Parts
    arrivals: Arrivals
    client: httpx.Client
    pool: ThreadPoolExecutor
    naps: list[float] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    stop: Callable[[], None] = lambda: None

    def say(self, message: Json, sender: Json = "ali", **more: Json) -> httpx.Response:
        body = {"sender": sender, "message": message, **more}
        return self.client.post("/webhooks/rest/webhook", json=body, headers=self.headers)

    def post(self, content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
        return self.client.post("/webhooks/rest/webhook", content=content, headers={**self.headers, **headers})

    def begin(self, message: str, sender: str = "ali", **more: Json) -> Future[httpx.Response]:
        """Send a message without waiting for its answer; it has reached its turn when this returns."""
        before = self.arrivals.count
        future = self.pool.submit(self.say, message, sender, **more)
        self.arrivals.wait_for(before + 1)
        # Whatever the event loop had to do before this, it has done.
        self.client.get("/healthz")
        return future


StartEdge = Callable[..., Edge]
Doors = Callable[[Engine, FakeClock], ShopDoors]
StartBot = Callable[..., Edge]


@pytest.fixture(autouse=True)
def _closed_sockets() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    yield fake
    fake.stop()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without rows, to be copied: making every table takes longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def start_edge(tmp_path: Path, empty_store: Path, rasa: FakeRasa, clock: FakeClock) -> Iterator[StartEdge]:
    """Start an edge with the given settings; all of one test share one store. `stop` of one ends it before the test."""
    with contextlib.ExitStack() as stack:
        shutil.copy(empty_store, tmp_path / "peyk.db")

        def start(doors: Doors = lambda _engine, _clock: ShopDoors(), **settings: Any) -> Edge:
            engine = make_engine(f"sqlite:///{tmp_path / 'peyk.db'}")
            stack.callback(engine.dispose)
            own = {"secret_key": SECRET, "run_secret": RUN_SECRET, "data_dir": tmp_path, "_env_file": None}
            values = {**own, "rasa_url": rasa.url, "action_url": f"{rasa.url}/webhook"}
            chosen = Settings(**{**values, **settings})
            demo, desk, records = chosen.demo, FakeDesk(), make_records(engine, clock, SECRET)
            plans = StoredOfficePlans(engine)
            office = OfficeHoursService(plans=plans, audit=records.audit, clock=clock, settings=chosen)
            tickets, sla = StoredTickets(engine), Sla(chosen, clock, office.current)
            identity = VerifyCustomer(messenger=FakeMessenger(), records=records, clock=clock, settings=chosen)
            parts = Parts(
                chosen,
                engine,
                clock,
                StoredJournal(engine),
                StoredInbox(engine),
                StoredAddresses(engine),
                make_files(chosen, engine, clock, records),
                identity,
                StoreUpkeep(engine, SECRET),
                StoredVerifications(engine),
                StoredApiKeys(engine, clock),
                StoredRestBook(engine),
                webhook_delivery(chosen, engine, clock),
                FakeOutbox(clock) if demo else None,
                FakeFaults() if demo else None,
                FakeProgress() if demo else None,
                FakeFollow(),
                hand_off(engine, clock, chosen, desk),
                DidItHelp(tickets=tickets, sla=sla, audit=records.audit, clock=clock),
                Worker([], StoredTicks(engine), clock),
                desk,
                StoredTicks(engine),
                StoredSystemStates(engine, clock),
                make_helpdesks(chosen, engine, clock, StoredJournal(engine), tickets),  # type: ignore[arg-type]
                doors(engine, clock),
            )
            one = stack.enter_context(contextlib.ExitStack())
            edge = one.enter_context(running(parts, rasa))
            edge.stop = one.close
            return edge

        yield start


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    fake = FakeTelegram()
    yield fake
    fake.stop()


@pytest.fixture
def start_bot(start_edge: StartEdge, telegram: FakeTelegram) -> StartBot:
    """Start an edge that polls."""

    def start(**settings: Any) -> Edge:
        own = {"telegram_token": TOKEN, "telegram_api": telegram.url, "telegram_trust_contacts": True}
        return start_edge(**{**own, **settings})

    return start


@pytest.fixture
def polling(start_bot: StartBot) -> Edge:
    return start_bot()


@pytest.fixture
def hooked(start_bot: StartBot, telegram: FakeTelegram) -> Edge:
    """An edge that has set its webhook; the fake delivers to where it really listens."""
    edge = start_bot(telegram_webhook_url="https://shop.example")
    telegram.wait_for(lambda: telegram.webhook is not None)
    assert telegram.webhook is not None
    assert telegram.webhook["url"] == f"https://shop.example{PATH}"
    telegram.webhook = {**telegram.webhook, "url": f"{edge.url}{PATH}"}
    return edge


@pytest.fixture
def edge(start_edge: StartEdge) -> Edge:
    return start_edge()


@contextlib.contextmanager
def running(parts: Parts, rasa: FakeRasa) -> Iterator[Edge]:
    time = QuickTime()
    app = create_app(parts, Timing(time.monotonic, time.sleep))
    web = Arrivals(app)
    with (
        serving(EdgeServer(configured(web), app.state.goodbye)) as url,
        httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False, verify=trusted()) as client,
        ThreadPoolExecutor(40) as pool,
    ):
        yield Edge(url, parts, web, client, pool, time.naps)
