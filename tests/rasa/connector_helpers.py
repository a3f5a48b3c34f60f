"""Rasa's channel on a real socket, an action server, and Rasa put back as it came."""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import rasa.core.actions.action as rasa_actions
import rasa.core.tracker_store as rasa_tracker_store
import rasa.engine.storage.local_model_storage as rasa_storage
import rasa.shared.utils.validation as rasa_validation
import rasa.utils.endpoints as rasa_endpoints
import requests
import sqlalchemy as sa
from aiohttp import web
from rasa.core.channels.channel import UserMessage, register
from rasa.core.lock_store import LockStore
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.tracker_store import SQLTrackerStore
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.importers.importer import E2EImporter
from rasa.shared.nlu.training_data.training_data import TrainingData
from sanic import Sanic

from peyk.connector import PeykInput, speedups
from peyk.connector.channel import Collected

SECRET = "r" * 40
TRUSTED = {"X-Peyk-Secret": SECRET}
MESSAGE = {"conversation_id": "c-1", "text": "سلام", "metadata": {"address": "a", "correlation_id": "corr-1"}}

PATCHED = [
    (rasa_actions, "DEFAULT_REQUEST_TIMEOUT"),
    (rasa_actions.RemoteAction, "_validate_action_result"),
    (rasa_actions.RemoteAction, "run"),
    (Event, "resolve_by_type"),
    (rasa_endpoints.EndpointConfig, "session"),
    (LockStore, "_acquire_lock"),
    (rasa_tracker_store, "create_engine_kwargs"),
    (rasa_validation, "validate_training_data"),
    (E2EImporter, "get_nlu_data"),
    (TrainingData, "sanitize_examples"),
    (TrainingData, "merge"),
    (rasa_storage, "TarSafe"),
    (SQLTrackerStore, "_retrieve"),
    (SQLTrackerStore, "save"),
    (DaskGraphRunner, "run"),
    (Domain, "get_active_state"),
    (Domain, "states_for_tracker_history"),
    (Domain, "is_empty"),
    (RulePolicy, "_get_possible_keys"),
]


# A short conversation.
EVENTS: list[Event] = [
    ActionExecuted("action_session_start"),
    SessionStarted(),
    ActionExecuted("action_listen"),
    UserUttered("سلام", {"name": "greet", "confidence": 0.9}, [], {"text": "سلام", "intent": {"name": "greet"}}),
    SlotSet("stage", "out"),
    BotUttered("hi", {"custom": {"a": [1, None]}}),
]


def put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test Rasa as it comes, and put it back afterwards."""
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, inspect.getattr_static(owner, name))
    # What Rasa has not: taken away, now and afterwards.
    monkeypatch.setattr(Slot, "__copy__", None, raising=False)
    monkeypatch.delattr(Slot, "__copy__")


class FakeAgent:
    """An agent that says what the test wants."""

    def __init__(self, speak: Callable[[UserMessage], Awaitable[None]]) -> None:
        self.speak = speak
        self.heard: list[UserMessage] = []
        self.ready = True
        self.processor = SimpleNamespace(model_filename="model.tar.gz")

    def is_ready(self) -> bool:
        return self.ready

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        await self.speak(message)


async def echo(message: UserMessage) -> None:
    """Say what was heard."""
    await message.output_channel.send_response(message.sender_id, {"text": f"echo {message.text}"})


class Server:
    """The channel on a free port. One for all tests: Sanic rewrites its own methods at the first start."""

    def __init__(self) -> None:
        self.app = Sanic("test_peyk_channel", configure_logging=False)
        register([PeykInput(SECRET)], self.app, route="/webhooks/")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/peyk"
        self._server = asyncio.run_coroutine_threadsafe(self._start(listening), self._loop).result(20)

    async def _start(self, listening: socket.socket) -> Any:
        server = await self.app.create_server(sock=listening, return_asyncio_server=True, debug=False)
        assert server is not None
        await server.startup()
        return server

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)


_servers: list[Server] = []


def stop_server() -> None:
    """Stop the server, if one was started."""
    while _servers:
        _servers.pop().stop()


def serving(agent: FakeAgent) -> str:
    """Let the channel hand its messages to `agent`; return its address."""
    if not _servers:
        _servers.append(Server())
    _servers[0].app.ctx.agent = agent
    return _servers[0].url


def post(
    agent: FakeAgent, body: Any = MESSAGE, headers: dict[str, str] | None = None, raw: bytes | None = None
) -> tuple[int, Any]:
    """Send one message to the channel and return status and answer."""

    data = raw if raw is not None else json.dumps(body).encode()
    url = f"{serving(agent)}/message"
    response = requests.post(url, data=data, headers=TRUSTED if headers is None else headers, timeout=20)
    return response.status_code, response.json()


@asynccontextmanager
async def action_server(handle: Callable[[web.Request], Awaitable[web.Response]]) -> Any:
    """Serve as the action server on a free port; give its address."""
    app = web.Application()
    app.router.add_post("/webhook", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/webhook"
    await speedups.close_sessions()
    await runner.cleanup()


def run_action(endpoint: rasa_endpoints.EndpointConfig) -> Awaitable[list[Event]]:
    """Run a remote action against an endpoint."""
    tracker = DialogueStateTracker.from_events("c-1", [UserUttered("hi")])
    action = rasa_actions.RemoteAction("action_track_order", endpoint)
    events: Awaitable[list[Event]] = action.run(Collected(), SimpleNamespace(), tracker, Domain.empty())
    return events


def rows_of(store: SQLTrackerStore, sender: str) -> list[dict[str, Any]]:
    """Return what is written of a conversation, in order."""
    table = SQLTrackerStore.SQLEvent.__table__
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(table).where(table.c.sender_id == sender).order_by(table.c.id)).mappings()
        return [{name: value for name, value in row.items() if name not in {"id", "sender_id"}} for row in rows]
