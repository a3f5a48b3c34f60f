"""Operators at a console, each with a browser of their own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from peyk.domain.staff import Operator, Role
from peyk.store.tables import audit
from tests.fakes.console import PASSWORD, Surroundings
from tests.unit.services.fakes import FakeClock

CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Browser:
    """A browser without scripts; it sends the form token of the last page it saw."""

    def __init__(
        self, app: FastAPI, run: Callable[[Coroutine[Any, Any, Any]], Any], address: str = "192.0.2.1"
    ) -> None:
        transport = httpx.ASGITransport(app, client=(address, 4711))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://testserver")
        self._run = run
        self.csrf = ""

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._seen(self._run(self._client.get(path, headers=headers)))

    def post(
        self, path: str, *, csrf: str | None = None, htmx: Any = False, files: Any = None, **fields: Any
    ) -> httpx.Response:
        data = {"csrf": self.csrf if csrf is None else csrf, **fields}
        headers = {"HX-Request": "true"} if htmx else {}
        return self._seen(self._run(self._client.post(path, data=data, headers=headers, files=files)))

    def log_in(self, login: str, password: str = PASSWORD, code: str = "", **fields: str) -> httpx.Response:
        self.get("/console/login")
        done = self.post("/console/login", login=login, password=password, code=code, **fields)
        if done.status_code == 303:
            self.get("/console/account")
        return done

    def _seen(self, response: httpx.Response) -> httpx.Response:
        token = CSRF.search(response.text)
        if token:
            self.csrf = token.group(1)
        return response


class Console(Surroundings):
    """The console with ways to come in."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]

    def browser(self, address: str = "192.0.2.1") -> Browser:
        return Browser(self.served, self.run, address)

    def inside(self, login: str, role: Role = Role.AGENT, **more: Any) -> Browser:
        self.operator(login, role, **more)
        browser = self.browser()
        assert browser.log_in(login).status_code == 303
        return browser

    def person(self, login: str) -> Operator:
        found = self.staff.by_login(login)
        assert found is not None
        return found

    def audited(self, event: str) -> list[tuple[str, str]]:
        with self.engine.begin() as connection:
            rows = connection.execute(audit.select().where(audit.c.event == event)).all()
        return [(row.conversation_id, row.subject) for row in rows]

    served: FastAPI


@pytest.fixture
def console(engine_of: Callable[[str], Engine], clock: FakeClock) -> Iterator[Console]:
    made = Console(engine_of("sqlite"), clock, console_tries=5, console_tries_address=8)
    with asyncio.Runner() as runner:
        made.run = runner.run
        made.served = made.app()
        yield made
    made.parts.threads.shutdown()
