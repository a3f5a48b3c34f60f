"""Large bodies are held in memory while they come in: only so many at once, and slow strangers stop nobody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from peyk.web.guard import MAX_BODY_BYTES, BodyLimit, Guard, LargeBodies
from peyk.web.room import MAX_LARGE_AT_ONCE, MAX_LARGE_PER_ADDRESS

CHAT, CONSOLE = "/chat/files", "/console/conversations/c1/reply/files"
LARGE = b"x" * (MAX_BODY_BYTES + 1)
PATIENCE_S = 10
PATHS = re.compile(r"/chat/files|/console/.*/files")


async def thanks(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await Response("taken")(scope, receive, send)


class Edge:
    """A guard, and what is sent to it."""

    def __init__(self, timeout_s: float = 60.0, **more: Any) -> None:
        limit = BodyLimit(max_bytes=MAX_BODY_BYTES * 8, timeout_s=timeout_s)
        self.guard = Guard(thanks, "en", large=[LargeBodies(PATHS, limit)], **more)

    async def post(self, receive: Callable[[], Awaitable[Message]], path: str, host: str) -> int:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        client = (host, 4711)
        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b"", "client": client}
        await self.guard(scope, receive, send)
        return int(sent[0]["status"])

    async def upload(self, path: str = CHAT, host: str = "198.51.100.9") -> int:
        async def whole() -> Message:
            return {"type": "http.request", "body": LARGE}

        return await self.post(whole, path, host)

    @asynccontextmanager
    async def half_sent(self, count: int, body: bytes, path: str = CHAT, hosts: int = 0) -> AsyncIterator[None]:
        """Have so many requests that never end, each of an address of its own or of so many hosts."""
        arrived = asyncio.Barrier(count + 1)

        def begin(number: int) -> asyncio.Task[int]:
            first = True

            async def receive() -> Message:
                nonlocal first
                if first:
                    first = False
                    return {"type": "http.request", "body": body, "more_body": True}
                await arrived.wait()
                await asyncio.Event().wait()
                raise AssertionError

            return asyncio.create_task(self.post(receive, path, f"192.0.2.{number % (hosts or count)}"))

        tasks = [begin(number) for number in range(count)]
        await asyncio.wait_for(arrived.wait(), PATIENCE_S)
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("path", [CHAT, CONSOLE])
def test_slow_strangers_stop_nobody(path: str) -> None:
    async def run() -> int:
        edge = Edge()
        async with edge.half_sent(3 * MAX_LARGE_AT_ONCE, b"--b\r\n", path):
            return await edge.upload(path)

    assert asyncio.run(run()) == 200


def test_so_many_large_ones_at_once() -> None:
    async def run() -> tuple[int, int, int]:
        edge = Edge()
        async with edge.half_sent(MAX_LARGE_AT_ONCE, LARGE):
            meanwhile = await edge.upload(), await edge.upload(CONSOLE)
        return *meanwhile, await edge.upload()

    # Customers have to wait; operators, who are counted apart, have not.
    assert asyncio.run(run()) == (503, 200, 200)


def test_so_many_of_one_address() -> None:
    async def run() -> tuple[int, int]:
        edge = Edge()
        async with edge.half_sent(MAX_LARGE_PER_ADDRESS, LARGE, hosts=1):
            return await edge.upload(host="192.0.2.0"), await edge.upload()

    assert asyncio.run(run()) == (503, 200)


def test_whose_address_it_is_somebody_else_knows() -> None:
    def all_the_same(connection: HTTPConnection) -> str:
        return f"behind {connection.scope['type']}"

    async def run() -> int:
        edge = Edge(address_of=all_the_same)
        async with edge.half_sent(MAX_LARGE_PER_ADDRESS, LARGE):
            return await edge.upload()

    assert asyncio.run(run()) == 503


def test_one_that_is_given_up_counts_no_more() -> None:
    async def run() -> tuple[int, int]:
        edge = Edge(timeout_s=0.05)
        first = True

        async def stops() -> Message:
            nonlocal first
            if not first:
                await asyncio.Event().wait()
            first = False
            return {"type": "http.request", "body": LARGE, "more_body": True}

        for _ in range(MAX_LARGE_PER_ADDRESS):
            first = True
            assert await edge.post(stops, CHAT, "192.0.2.1") == 408
        return await edge.upload(host="192.0.2.1"), len(edge.guard.room)

    assert asyncio.run(run()) == (200, 0)
