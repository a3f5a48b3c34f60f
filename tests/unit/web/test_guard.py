"""What every request passes, and the signs of life."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from peyk.web.guard import MAX_BODY_BYTES, Guard
from tests.unit.web.conftest import Edge, FakeRasa, StartEdge
from tests.unit.web.test_rest import check
from tests.unit.web.test_turns import break_store


class TestBodies:
    def test_an_announced_large_body_is_refused_unread(self, edge: Edge, rasa: FakeRasa) -> None:
        where = urlsplit(edge.url)
        with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
            head = f"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: {10**12}\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(12) == b"HTTP/1.1 413"
        assert rasa.requests == []

    def test_a_large_body_in_chunks_is_refused(self, edge: Edge, rasa: FakeRasa) -> None:
        def chunks() -> Iterator[bytes]:
            yield b'{"sender": "a", "message": "'
            for _ in range(MAX_BODY_BYTES // 1024 + 1):
                yield b"x" * 1024
            yield b'"}'

        # The edge may have answered and hung up before all was sent.
        with contextlib.suppress(httpx.WriteError, httpx.RemoteProtocolError):
            check(edge.post(chunks()), 413, "too_large")
        assert rasa.requests == []
        check(edge.say("hello"), 200)

    def test_a_body_as_large_as_allowed_is_read(self, edge: Edge) -> None:
        head = b'{"sender": "a", "message": "hello", "more": "'
        body = head + b"x" * (MAX_BODY_BYTES - len(head) - 2) + b'"}'
        assert len(body) == MAX_BODY_BYTES
        check(edge.post(body), 200)

    def test_a_body_in_small_chunks_is_read(self, edge: Edge, rasa: FakeRasa) -> None:
        body = json.dumps({"sender": "a", "message": "سلام دوست من"}).encode()
        check(edge.post(iter([body[i : i + 7] for i in range(0, len(body), 7)])), 200)
        assert rasa.texts == ["سلام دوست من"]

    def test_a_body_that_does_not_arrive_is_given_up(self) -> None:
        async def unused(scope: Scope, receive: Receive, send: Send) -> None:
            raise AssertionError

        async def run() -> list[dict[str, object]]:
            sent: list[dict[str, object]] = []

            async def send(message: object) -> None:
                sent.append(dict(message))  # type: ignore[call-overload]

            async def never() -> dict[str, object]:
                await asyncio.Event().wait()
                return {}

            scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
            await Guard(unused, "fa", body_timeout_s=0.05)(scope, never, send)
            return sent

        start, body = asyncio.run(run())
        assert start["status"] == 408
        assert json.loads(bytes(body["body"]))[0]["custom"] == {"error": "too_slow"}  # type: ignore[call-overload]


class TestHeaders:
    @pytest.mark.parametrize("path", ["/webhooks/rest/", "/healthz", "/nothing", "/"])
    def test_every_answer_keeps_browsers_careful(self, edge: Edge, path: str) -> None:
        headers = edge.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers

    def test_a_correlation_id_is_made_or_kept(self, edge: Edge, rasa: FakeRasa) -> None:
        first, second = edge.say("hello one"), edge.say("hello two")
        made = {first.headers["x-correlation-id"], second.headers["x-correlation-id"]}
        assert len(made) == 2
        edge.headers["X-Correlation-ID"] = "abc-123_DEF"
        assert edge.say("hello").headers["x-correlation-id"] == "abc-123_DEF"
        assert rasa.requests[-1]["metadata"]["correlation_id"] == "abc-123_DEF"

    @pytest.mark.parametrize("given", ["short", "a" * 65, "with space and more", "new;line=1", "کدکدکدکد".encode()])
    def test_an_odd_correlation_id_is_replaced(self, edge: Edge, given: str | bytes) -> None:
        response = edge.client.get("/healthz", headers=[("X-Correlation-ID", given)])  # type: ignore[arg-type]
        assert response.headers["x-correlation-id"] != given
        assert response.headers["x-correlation-id"].isalnum()

    def test_refusals_have_them_too(self, edge: Edge) -> None:
        refused = edge.post(b" " * (MAX_BODY_BYTES + 1))
        check(refused, 413, "too_large")
        assert refused.headers["x-correlation-id"]
        assert refused.headers["x-content-type-options"] == "nosniff"


class TestSignsOfLife:
    def test_ready(self, edge: Edge) -> None:
        assert edge.client.get("/healthz").json() == {"status": "ok"}
        ready = edge.client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json() == {"status": "ok", "store": "ok", "rasa": "ok", "actions": "ok", "held_off": []}

    def test_ready_while_a_system_is_held_off_which_is_named(self, edge: Edge) -> None:
        now = edge.parts.clock.now()
        minute = timedelta(minutes=1)
        for system in ("tipax", "shop"):
            edge.parts.system_states.hold_off(system, "unavailable", now, now + minute)
        ready = edge.client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["held_off"] == ["shop", "tipax"]
        edge.parts.system_states.let_in("tipax")
        assert edge.client.get("/readyz").json()["held_off"] == ["shop"]
        edge.parts.clock.advance(minutes=1)
        assert edge.client.get("/readyz").json()["held_off"] == []

    def test_not_ready_without_a_model(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.ready = False
        ready = edge.client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["rasa"] == "down"
        assert edge.client.get("/healthz").status_code == 200

    def test_not_ready_without_a_store(self, edge: Edge) -> None:
        break_store(edge)
        assert edge.client.get("/readyz").json() == {
            "status": "unavailable",
            "store": "down",
            "rasa": "ok",
            "actions": "ok",
        }

    def test_not_ready_while_rasa_is_down(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.stop()
        assert edge.client.get("/readyz").status_code == 503


def test_the_demo_is_in_demo_mode_only(start_edge: StartEdge) -> None:
    described = start_edge().client.get("/openapi.json").json()
    assert not any(path.startswith("/demo") for path in described["paths"])
    production = start_edge(mode="production").client
    for path in (
        "/redoc",
        "/",
        "/demo/outbox",
        "/demo/faults",
        "/demo/stories",
        "/demo/page.js",
    ):
        assert production.get(path).status_code == 404
