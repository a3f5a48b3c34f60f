"""What a browser may not do to the edge: choose a conversation, flood it, send garbage, stay silent or deaf."""

from __future__ import annotations

import asyncio
import logging

import pytest
from pydantic import SecretStr

from peyk.channels.webchat.sessions import Sessions
from peyk.web.webchat import socket as chat_socket
from tests.fakes.websocket import BINARY, TEXT, HandshakeRefused, WebSocket
from tests.unit.web.chat_steps import Browser, Json, bearer, conversation_of
from tests.unit.web.conftest import SECRET, Edge, FakeRasa, StartEdge

GARBAGE = [
    b"",
    b"{",
    b"[]",
    b"1",
    b"[" * 30_000,
    b'{"type": 5}',
    b'{"type": "message"}',
    b'{"type": "message", "id": "", "text": "x"}',
    b'{"type": "message", "id": "a", "text": 5}',
    b'{"type": "message", "id": "a", "token": "/track_order"}',
    b'{"type": "message", "id": "a", "text": "x", "token": "b:AAAAAAAAAAAAAAAA"}',
    b'{"type": "message", "id": "a", "files": ["x", 5]}',
    b'{"type": "seen", "seq": -1}',
    b'{"type": "seen", "seq": 1e400}',
    b'{"type": "hello", "token": null}',
    b'{"type": "entry", "seq": 1, "author": "agent", "text": "x"}',
]


class TestSessions:
    def test_a_token_of_another_key_or_of_nobody_gets_a_new_conversation(self, edge: Edge) -> None:
        own = Browser(edge)
        own.say("my secret")
        own.entries(1)
        here = conversation_of(edge, own.token)
        forged = Sessions(SecretStr("x" * 40), edge.parts.clock).token(here)
        for token in (forged, own.token[:-2] + "AA", f"x{own.token}", here, "", "ü", "a" * 10_000, f"{here}.x.y"):
            other = Browser(edge, token)
            assert other.welcome["new"]
            assert other.welcome["entries"] == []
            assert conversation_of(edge, other.token) != here
            other.close()
        own.close()

    def test_a_token_of_another_salt_gets_a_new_conversation(self, edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
        own = Browser(edge)
        here = conversation_of(edge, own.token)
        with monkeypatch.context() as patched:
            patched.setattr("peyk.channels.webchat.sessions.SALT", "peyk.files.link")
            salted = Sessions(SecretStr(SECRET), edge.parts.clock).token(here)
        assert salted != own.token
        other = Browser(edge, salted)
        assert other.welcome["new"]
        assert conversation_of(edge, other.token) != here

    def test_a_token_lasts_thirty_days_from_the_last_visit(self, edge: Edge) -> None:
        first = Browser(edge).token
        here = conversation_of(edge, first)
        edge.parts.clock.advance(days=29)
        second = Browser(edge, first)
        assert not second.welcome["new"]
        edge.parts.clock.advance(days=2)
        assert Browser(edge, first).welcome["new"]
        assert conversation_of(edge, Browser(edge, second.token).token) == here

    @pytest.mark.parametrize("headers", [{}, bearer("x"), {"Authorization": "Basic x"}, bearer("x" * 400)])
    def test_without_a_token_there_are_no_messages(self, edge: Edge, rasa: FakeRasa, headers: dict[str, str]) -> None:
        for response in (
            edge.client.get("/chat/messages", headers=headers),
            edge.client.post("/chat/messages", json={"id": "1", "text": "hello"}, headers=headers),
        ):
            assert response.status_code == 401
            assert response.json()["error"]["code"] == "no_session"
        assert rasa.requests == []

    def test_a_token_stands_in_no_log(self, edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        browser = Browser(edge)
        browser.say("hello there")
        browser.entries(1)
        edge.client.get("/chat/messages", params={"after": 0}, headers=bearer(browser.token))
        assert browser.token not in caplog.text

    def test_new_conversations_of_one_address_are_limited(self, start_edge: StartEdge) -> None:
        edge = start_edge(webchat_sessions_per_address=2)
        token = Browser(edge).token
        assert edge.client.post("/chat/session", json={}).status_code == 200
        response = edge.client.post("/chat/session", json={})
        assert response.status_code == 429
        assert int(response.headers["Retry-After"]) > 0
        with WebSocket(edge.url) as refused:
            refused.send(type="hello", token=None)
            assert [frame["type"] for frame in refused.read_to_end()] == ["refused", "bye"]
        # Who has a conversation comes back to it.
        assert not Browser(edge, token).welcome["new"]


class TestFrames:
    @pytest.mark.parametrize("content", GARBAGE)
    def test_garbage_is_refused_and_the_socket_lives(
        self, edge: Edge, rasa: FakeRasa, content: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        browser = Browser(edge)
        browser.socket.send_raw(TEXT, content)
        assert browser.wait_for("refused")["code"] == "bad_frame"
        browser.say("hello there")
        assert browser.entries(1) == ["echo hello there"]
        assert browser.texts("agent") == []
        assert "Traceback" not in caplog.text

    def test_bytes_are_garbage(self, edge: Edge) -> None:
        browser = Browser(edge)
        browser.socket.send_raw(BINARY, b'{"type": "ping"}')
        assert browser.wait_for("refused")["code"] == "bad_frame"

    def test_garbage_without_an_end_closes_the_socket(self, edge: Edge) -> None:
        browser = Browser(edge)
        for _ in range(chat_socket.STRIKES + 1):
            browser.socket.send_raw(TEXT, b"{")
        assert browser.socket.read_to_end()[-1] == {"type": "bye", "reason": "too_many_bad_frames"}
        assert browser.socket.code == 1008

    def test_a_frame_that_is_too_large_closes_the_socket(self, edge: Edge, rasa: FakeRasa) -> None:
        browser = Browser(edge)
        browser.say("x" * 70_000)
        browser.socket.read_to_end()
        assert browser.socket.code == 1009
        assert rasa.requests == []

    def test_messages_too_fast_are_refused_with_their_id(self, start_edge: StartEdge) -> None:
        edge = start_edge(burst_per_sender=2)
        browser = Browser(edge, language="en")
        ids = [browser.say(f"number {place}") for place in range(3)]
        refused = browser.wait_for("refused")
        assert (refused["id"], refused["code"]) == (ids[2], "burst")
        assert refused["retry_after_s"] > 0

    def test_frames_too_fast_are_refused(self, start_edge: StartEdge) -> None:
        edge = start_edge(burst_per_address=3)
        browser = Browser(edge)
        for _ in range(4):
            browser.socket.send(type="ping")
        assert [browser.socket.read() for _ in range(3)] == [{"type": "pong"}] * 3
        refused = browser.socket.read()
        assert refused is not None
        assert refused["code"] == "burst"

    def test_a_file_nobody_has_kept_is_refused(self, edge: Edge, rasa: FakeRasa) -> None:
        browser = Browser(edge)
        own_id = browser.say(files=["f-1"])
        refused = browser.wait_for("refused")
        assert (refused["id"], refused["code"]) == (own_id, "no_file")
        assert rasa.requests == []


class TestSockets:
    def test_who_says_no_hello_is_closed(self, edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chat_socket, "HELLO_S", 0.05)
        with WebSocket(edge.url) as silent:
            assert silent.read_to_end() == [{"type": "bye", "reason": "no_hello"}]
            assert silent.code == 1008

    def test_nothing_is_done_before_the_hello(self, edge: Edge, rasa: FakeRasa) -> None:
        with WebSocket(edge.url) as early:
            early.send(type="message", id="1", text="hello")
            assert early.read_until(lambda frame: True)[0]["code"] == "bad_frame"
            early.send(type="hello", token=None)
            assert early.read_until(lambda frame: True)[0]["type"] == "welcome"
        assert rasa.requests == []

    @pytest.mark.parametrize("setting", ["webchat_sockets", "webchat_sockets_per_address"])
    def test_only_so_many_are_let_in(self, start_edge: StartEdge, setting: str) -> None:
        edge = start_edge(**{setting: 1})
        first = Browser(edge)
        with WebSocket(edge.url) as second:
            frames: list[Json] = second.read_to_end()
            assert [frame["type"] for frame in frames] == ["refused", "bye"]
            assert frames[0]["code"] == "full"
            assert second.code == 1013
        assert edge.client.get("/chat/messages", headers=bearer(first.token)).status_code == 503
        first.close()
        for _ in range(500):
            if edge.client.get("/chat/messages", headers=bearer(first.token)).status_code == 200:
                return
        raise AssertionError("its place was never free again")

    def test_who_does_not_read_is_closed_when_too_much_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chat_socket, "QUEUE", 130)

        class Deaf:
            async def send_text(self, _: str) -> None:
                await asyncio.Event().wait()

        async def story() -> None:
            out = chat_socket.Outbox(Deaf())  # type: ignore[arg-type]
            for _ in range(31):
                out.put("pong")
            # Entries wait in the journal until there is room for a batch.
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(out.room(), 0.01)
            for _ in range(100):
                out.put("pong")
            with pytest.raises(chat_socket.Leave, match="slow"):
                await asyncio.wait_for(asyncio.gather(out.write(), out.overflow()), 20)

        asyncio.run(story())


class TestOrigins:
    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.evil.example"])
    def test_a_foreign_page_may_not_speak(self, start_edge: StartEdge, origin: str) -> None:
        edge = start_edge(webchat_origins="https://shop.example")
        with pytest.raises(HandshakeRefused) as caught:
            WebSocket(edge.url, headers={"Origin": origin})
        assert caught.value.status == 403
        response = edge.client.post("/chat/session", json={}, headers={"Origin": origin})
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers

    def test_a_named_page_and_our_own_may(self, start_edge: StartEdge) -> None:
        edge = start_edge(webchat_origins="https://shop.example, http://localhost:3000")
        for origin in ("https://shop.example", "http://localhost:3000", edge.url):
            Browser(edge, headers={"Origin": origin}).close()
            response = edge.client.post("/chat/session", json={}, headers={"Origin": origin})
            assert response.status_code == 200
            assert response.headers["access-control-allow-origin"] == origin
            assert response.headers["vary"] == "Origin"
            assert "access-control-allow-credentials" not in response.headers
            assert "set-cookie" not in response.headers

    def test_a_preflight_is_answered(self, start_edge: StartEdge) -> None:
        edge = start_edge(webchat_origins="https://shop.example")
        asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        response = edge.client.options("/chat/messages", headers=asked)
        assert response.status_code == 204
        assert "Authorization" in response.headers["access-control-allow-headers"]
        assert edge.client.options("/webhooks/rest/webhook", headers=asked).status_code == 405

    def test_a_refusal_of_the_guard_can_be_read_too(self, start_edge: StartEdge) -> None:
        edge = start_edge(webchat_origins="https://shop.example")
        headers = {"Origin": "https://shop.example"}
        response = edge.client.post("/chat/messages", content=b"x" * 70_000, headers=headers)
        assert response.status_code == 413
        assert response.json()["error"]["code"] == "too_large"
        assert response.headers["access-control-allow-origin"] == "https://shop.example"
