"""Webhooks of outside desks: the genuine once, the forged, the old and the repeated not at all."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from peyk.errors import Unavailable
from peyk.ports.inbox import Received
from peyk.web.desk_hooks import CHATWOOT_PATH, ZAMMAD_PATH, DeskHooks
from tests.fakes.chatwoot import signed
from tests.unit.services.fakes import FakeClock

SECRET = "hook-secret-8Zt3"
NOW = FakeClock().now().timestamp()
WRITTEN = {
    "event": "message_created",
    "id": 9001,
    "content": "سلام",
    "message_type": "outgoing",
    "private": False,
    "conversation": {"id": 77, "status": "open"},
}


class Box:
    """An inbox of keys."""

    def __init__(self) -> None:
        self.keys: set[tuple[str, str]] = set()
        self.error: Exception | None = None

    def put(self, channel: str, received: Received) -> bool:
        if self.error:
            raise self.error
        known = (channel, received.key) in self.keys
        self.keys.add((channel, received.key))
        return not known

    def done(self, *_: Any) -> None:
        return

    def open(self, channel: str, *, limit: int) -> list[Received]:
        return []


class Straight:
    """Memory without threads."""

    async def run(self, call: Any) -> Any:
        return call()


class World:
    def __init__(self) -> None:
        self.box, self.looked, self.woken = Box(), list[tuple[str, bool]](), 0
        self.ours = True
        hooks = DeskHooks(self.box, Straight(), FakeClock(), self.wake)  # type: ignore[arg-type]
        hooks.add_chatwoot(SecretStr(SECRET), self.look)
        hooks.add_zammad(SecretStr(SECRET), self.look)
        self.app = FastAPI()
        self.app.include_router(hooks.router)

    def wake(self) -> None:
        self.woken += 1

    def look(self, external_id: str, written: bool) -> bool:
        self.looked.append((external_id, written))
        return self.ours

    async def post(self, body: bytes, headers: dict[str, str], path: str = CHATWOOT_PATH) -> int:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
            return (await client.post(path, content=body, headers=headers)).status_code


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


pytestmark = pytest.mark.anyio


async def test_a_genuine_one_has_its_conversation_looked_at(world: World) -> None:
    assert await world.post(*signed(SECRET, WRITTEN, NOW)) == 200
    assert (world.looked, world.woken) == ([("77", True)], 1)


@pytest.mark.parametrize(
    "changed", ["body", "signature", "timestamp", "secret", "nothing signed", "no timestamp", "empty"]
)
async def test_a_forged_one_does_nothing(world: World, changed: str) -> None:
    body, headers = signed("another" if changed == "secret" else SECRET, WRITTEN, NOW)
    if changed == "body":
        body = body.replace(b"77", b"78")
    elif changed == "signature":
        headers["X-Chatwoot-Signature"] = headers["X-Chatwoot-Signature"][:-1] + "x"
    elif changed == "timestamp":
        headers["X-Chatwoot-Timestamp"] = str(int(NOW) + 1)
    elif changed == "nothing signed":
        del headers["X-Chatwoot-Signature"]
    elif changed == "no timestamp":
        del headers["X-Chatwoot-Timestamp"]
    elif changed == "empty":
        headers["X-Chatwoot-Signature"] = "sha256="
    assert await world.post(body, headers) == 401
    assert (world.looked, world.woken, world.box.keys) == ([], 0, set())


@pytest.mark.parametrize("age", [-301, 301, -(10**6)])
async def test_one_of_another_time_does_nothing(world: World, age: int) -> None:
    assert await world.post(*signed(SECRET, WRITTEN, NOW + age)) == 401
    assert world.looked == []


async def test_one_that_is_repeated_does_nothing_also_under_another_delivery_id(world: World) -> None:
    body, headers = signed(SECRET, WRITTEN, NOW)
    assert await world.post(body, headers) == 200
    assert await world.post(body, headers) == 403
    assert await world.post(body, {**headers, "X-Chatwoot-Delivery": "0-another"}) == 403
    assert len(world.looked) == 1


async def test_a_secret_that_is_empty_lets_nobody_in() -> None:
    world = World()
    hooks = DeskHooks(world.box, Straight(), FakeClock(), world.wake)  # type: ignore[arg-type]
    hooks.add_chatwoot(SecretStr(""), world.look)
    world.app = FastAPI()
    world.app.include_router(hooks.router)
    assert await world.post(*signed("", WRITTEN, NOW)) == 401


@pytest.mark.parametrize(
    ("event", "looked"),
    [
        ({"event": "conversation_status_changed", "id": 77, "status": "resolved"}, [("77", False)]),
        ({**WRITTEN, "private": True}, [("77", False)]),
        ({**WRITTEN, "message_type": "incoming"}, [("77", False)]),
        ({"event": "contact_updated"}, []),
        ({"event": "message_created", "conversation": {"id": "77"}}, []),
        ({"event": "message_created", "conversation": {"id": True}}, []),
        (["message_created"], []),
        ("text", []),
    ],
)
async def test_what_it_is_about(world: World, event: object, looked: list[tuple[str, bool]]) -> None:
    assert await world.post(*signed(SECRET, event, NOW)) == 200
    assert world.looked == looked


async def test_one_about_nothing_of_ours_wakes_nobody(world: World) -> None:
    world.ours = False
    assert await world.post(*signed(SECRET, WRITTEN, NOW)) == 200
    assert world.woken == 0


async def test_while_the_store_is_away_it_is_not_acknowledged(world: World) -> None:
    world.box.error = Unavailable("store")
    assert await world.post(*signed(SECRET, WRITTEN, NOW)) == 503


async def test_zammads_are_signed_otherwise(world: World) -> None:
    body = json.dumps({"ticket": {"id": 17}}).encode()
    good = "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    assert await world.post(body, {"X-Hub-Signature": good[:-1] + "0x"}, ZAMMAD_PATH) == 401
    assert await world.post(body, {}, ZAMMAD_PATH) == 401
    assert await world.post(body, {"X-Hub-Signature": good}, ZAMMAD_PATH) == 200
    assert await world.post(body, {"X-Hub-Signature": good}, ZAMMAD_PATH) == 403
    assert world.looked == [("17", False)]
