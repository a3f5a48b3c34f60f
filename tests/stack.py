"""A whole Peyk for conversation tests: real Rasa, real action server, real edge, a database of its own.

with Stack(tmp_path) as peyk:
    answer = peyk.say("سفارش TS-104233 کجاست؟", sender="sara")
    assert "TS-104233" in answer.text
    peyk.press("verify", sender="sara")
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from peyk.launcher.demo import start_all
from peyk.launcher.model import ensure_model
from peyk.launcher.processes import Supervisor
from peyk.launcher.stack import NAMES, READY_TIMEOUT_S, new_stack
from peyk.tls import trusted

ROOT = Path(__file__).resolve().parent.parent
WEBHOOK = "/webhooks/rest/webhook"
POSTGRESQL_URL = os.environ.get("PEYK_TEST_POSTGRESQL_URL", "postgresql://root@127.0.0.1:5432/postgres")
ANSWER_TIMEOUT_S = 40.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the edge answered to one message."""

    status: int
    messages: list[dict[str, Any]]
    headers: httpx.Headers

    @property
    def text(self) -> str:
        """All sentences, one a line."""
        return "\n".join(str(message["text"]) for message in self.messages if message.get("text"))

    @property
    def buttons(self) -> list[dict[str, str]]:
        """All buttons, in order."""
        return [button for message in self.messages for button in message.get("buttons") or []]

    @property
    def titles(self) -> list[str]:
        """What stands on the buttons."""
        return [button["title"] for button in self.buttons]

    @property
    def custom(self) -> dict[str, Any]:
        """The last `custom` object, or an empty one."""
        return next((message["custom"] for message in reversed(self.messages) if message.get("custom")), {})

    def payload(self, title_or_id: str) -> str:
        """Return the token of a button: by its title, a part of it, or its id in `custom.nextActions`."""
        titles = {
            action["title"]
            for message in self.messages
            for action in (message.get("custom") or {}).get("nextActions", [])
            if action["id"] == title_or_id
        } or {title_or_id}
        exact = [button for button in self.buttons if button["title"] in titles]
        found = exact or [button for button in self.buttons if title_or_id in button["title"]]
        if not found:
            raise AssertionError(f"no button {title_or_id!r} among {self.titles}")
        return found[0]["payload"]


class Stack:
    """Starts everything on free ports; a context manager.

    `folder` takes data and logs. Without `database_url` the store is a SQLite file there. `env` adds to the
    settings, e.g. `{"PEYK_GUESS_TOTAL": "20"}`.
    """

    def __init__(
        self, folder: Path, *, database_url: str = "", env: Mapping[str, str] | None = None, orders: int | None = None
    ) -> None:
        self._folder = folder
        self._env = {"PEYK_MODE": "demo", "PEYK_DATABASE_URL": database_url, "PEYK_TRACKER_URL": "", **(env or {})}
        self._orders = orders
        self._last: dict[str, Answer] = {}
        self._down: set[str] = set()
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            self._processes = exits.enter_context(Supervisor(ROOT))
            model = ensure_model(ROOT, self._processes)
            self.programs = new_stack(
                ROOT, self._folder, model, secret_key=secrets.token_urlsafe(32), extra_env=self._env
            )
            self._processes.run(self.programs.seeding(self._orders))
            start_all(self.programs, self._processes)
            self.http = exits.enter_context(
                httpx.Client(base_url=self.programs.url, timeout=ANSWER_TIMEOUT_S, trust_env=False, verify=trusted())
            )
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()

    def say(self, text: str, sender: str = "customer", **fields: Any) -> Answer:
        """Send a message; `fields` go into the body beside it (`message_id`)."""
        response = self.http.post(WEBHOOK, json={"sender": sender, "message": text, **fields})
        body = response.json()
        answer = Answer(response.status_code, body if isinstance(body, list) else [body], response.headers)
        self._last[sender] = answer
        return answer

    def press(self, title_or_id: str, sender: str = "customer") -> Answer:
        """Press a button of the sender's last answer."""
        return self.say(self._last[sender].payload(title_or_id), sender)

    def outbox(self, mobile: str) -> list[dict[str, Any]]:
        """Return what the customer's phone got, newest first."""
        response = self.http.get("/demo/outbox", params={"to": mobile})
        response.raise_for_status()
        messages: list[dict[str, Any]] = response.json()
        return messages

    def code(self, mobile: str) -> str:
        """Return the newest one-time code sent to a mobile."""
        return str(self.outbox(mobile)[0]["code"])

    def verify(self, mobile: str, sender: str = "customer") -> Answer:
        """Give the mobile and then the code that comes; the form must be asking for the mobile."""
        self.say(mobile, sender)
        return self.say(self.code(mobile), sender)

    @contextmanager
    def fault(self, system: str, kind: str) -> Iterator[None]:
        """Let an outside system of the demo fail in a way (`down`, `slow`, `bad_answer`, …) for a while."""
        self.http.post("/demo/faults", json={"system": system, "kind": kind}).raise_for_status()
        try:
            yield
        finally:
            self.http.delete("/demo/faults", params={"system": system}).raise_for_status()

    def kill(self, name: str) -> None:
        """End a process as a crash would: `rasa`, `actions` or `edge`."""
        self._processes.kill(name)
        self._down.add(name)

    def restart(self, name: str) -> None:
        """Start a process again where it was and wait until it is healthy; it is killed first if it runs."""
        if name not in self._down:
            self.kill(name)
        self._processes.start(self.programs.program(name))
        self._processes.wait_ready(name, READY_TIMEOUT_S)
        self._down.discard(name)

    def logs(self) -> str:
        """Return what all processes have logged so far."""
        files = (self.programs.logs / f"{name}.log" for name in NAMES)
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())


@contextmanager
def postgresql_database() -> Iterator[str]:
    """Create a PostgreSQL database for one test run and drop it; yields its URL."""
    name = f"peyk_test_{secrets.token_hex(6)}"
    with psycopg.connect(POSTGRESQL_URL, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(POSTGRESQL_URL)._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
