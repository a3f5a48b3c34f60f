"""Rasa's private channel: typed text is harmless, utterances stay whole, failures are said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import rasa.core.actions.action as rasa_actions
import rasa.utils.endpoints as rasa_endpoints
import requests
from aiohttp import web
from rasa.core.channels.channel import UserMessage

from peyk.connector import failures
from peyk.connector.channel import MAX_BODY_BYTES
from peyk.connector.typed import harmless, is_payload
from tests.rasa.connector_helpers import (
    MESSAGE,
    TRUSTED,
    FakeAgent,
    action_server,
    echo,
    post,
    put_back,
    run_action,
    serving,
    stop_server,
)


@pytest.fixture(autouse=True)
def stock_rasa(monkeypatch: pytest.MonkeyPatch) -> None:
    put_back(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def _server() -> Iterator[None]:
    yield
    stop_server()


class TestTypedText:
    @pytest.mark.parametrize(
        "typed",
        [
            "/restart",
            "  /restart",
            "\n\t/restart",
            "\u200c/restart",
            "\u202b\u200f/restart",
            "\ufeff/restart",
            "\u200b /restart",
            "\x00\x1f/restart",
            "\xa0\u3000/restart",
            "\u0651/restart",
            "//restart",
            "/ / \u200c/restart",
            "\uff0frestart",
            "/\u2215restart",
            "EXTERNAL_restart",
            "EXTERNAL: restart",
            "external_restart",
            "/EXTERNAL_restart",
            "EXTERNAL_/restart",
            "EXTERNAL_EXTERNAL_restart",
        ],
    )
    def test_a_command_says_nothing(self, typed: str) -> None:
        assert harmless(typed) == "?"

    @pytest.mark.parametrize("typed", ['/inform{"order_id": "TS-104233"}', '/deny {"a": 1} more', "/stop{"])
    def test_a_payload_says_nothing(self, typed: str) -> None:
        assert harmless(typed) == "?"

    @pytest.mark.parametrize(("typed", "left"), [("/where is it", "where is it"), ("/ TS-104233", "TS-104233")])
    def test_a_slash_before_ordinary_text_is_dropped(self, typed: str, left: str) -> None:
        assert harmless(typed) == left

    @pytest.mark.parametrize("typed", ["سلام", "where is TS-104233", "24/7?", "a /b", "۱۲۳", "👍", "external world"])
    def test_ordinary_text_stays(self, typed: str) -> None:
        assert harmless(typed) == typed

    @pytest.mark.parametrize("typed", ["", " ", "/", "///", "\u200c/\u200c", "EXTERNAL_"])
    def test_nothing_is_never_empty(self, typed: str) -> None:
        assert harmless(typed) == "?"

    def test_a_long_run_of_slashes_is_quick(self) -> None:
        assert harmless("/" * 20_000) == "?"

    @pytest.mark.parametrize(
        ("payload", "good"),
        [
            ("/affirm", True),
            ('/track_order{"order_id": "TS-104233"}', True),
            ("affirm", False),
            (" /affirm", False),
            ("/affirm{", False),
            ("/affirm and more", False),
            ("/restart", False),
            ("/back", False),
            ("/session_start", False),
            ("/EXTERNAL_reminder", False),
        ],
    )
    def test_payloads_have_one_shape(self, payload: str, good: bool) -> None:
        assert is_payload(payload) is good


class TestChannel:
    def test_utterances_stay_whole_and_in_order(self) -> None:
        buttons = [{"title": "بله", "payload": "/affirm", "type": "postback"}]

        async def speak(message: UserMessage) -> None:
            say = message.output_channel.send_response
            await say("c-1", {"text": "یک\n\nدو", "buttons": buttons, "custom": {"order": {}}, "image": None})
            await say("c-1", {"text": "", "custom": {}, "buttons": []})
            await say("c-1", {"text": None, "custom": {"limit": "guess"}})
            await say("c-1", {"text": "سه"})

        status, answer = post(FakeAgent(speak))
        assert status == 200
        assert answer["messages"] == [
            {"text": "یک\n\nدو", "buttons": [{"title": "بله", "payload": "/affirm"}], "custom": {"order": {}}},
            {"custom": {"limit": "guess"}},
            {"text": "سه"},
        ]

    def test_what_the_agent_hears(self) -> None:
        agent = FakeAgent(echo)
        assert post(agent)[1] == {"messages": [{"text": "echo سلام"}]}
        (heard,) = agent.heard
        assert (heard.sender_id, heard.input_channel) == ("c-1", "peyk")
        assert heard.metadata == {"address": "a", "correlation_id": "corr-1"}

    def test_typed_commands_are_text_and_payloads_are_commands(self) -> None:
        agent = FakeAgent(echo)
        post(agent, {**MESSAGE, "text": '\u200c /deny{"a": "b"}'})
        assert agent.heard[0].text == "?"
        post(agent, {"conversation_id": "c-1", "payload": '/deny{"a": "b"}'})
        assert agent.heard[1].text == '/deny{"a": "b"}'
        post(agent, {"conversation_id": "c-1", "payload": "/deny{}"})
        assert agent.heard[2].text == "/deny"

    @pytest.mark.parametrize(
        "headers", [{}, {"X-Peyk-Secret": "r" * 39}, {"X-Peyk-Secret": "پیک".encode().decode("latin-1")}]
    )
    def test_strangers_are_refused(self, headers: dict[str, str]) -> None:
        agent = FakeAgent(echo)
        assert post(agent, headers=headers) == (403, {"error": "forbidden"})
        assert agent.heard == []

    @pytest.mark.parametrize(
        "body",
        [
            [],
            "text",
            {},
            {"conversation_id": "c"},
            {"conversation_id": "", "text": "a"},
            {"conversation_id": "c" * 129, "text": "a"},
            {"conversation_id": 5, "text": "a"},
            {"conversation_id": "c", "text": 5},
            {"conversation_id": "c", "text": "a", "payload": "/affirm"},
            {"conversation_id": "c", "payload": "affirm"},
            {"conversation_id": "c", "payload": "/restart"},
            {"conversation_id": "c", "text": "a", "metadata": []},
            {"conversation_id": "c", "text": "a", "metadata": {"address": 5}},
            {"conversation_id": "c", "text": "a" * 20_001},
        ],
    )
    def test_bad_messages_are_refused(self, body: Any) -> None:
        agent = FakeAgent(echo)
        assert post(agent, body) == (422, {"error": "bad_message"})
        assert agent.heard == []

    def test_what_is_no_json_is_refused(self) -> None:
        assert post(FakeAgent(echo), raw=b"{")[0] == 422
        assert post(FakeAgent(echo), raw=b"[" * 60_000)[0] == 422

    def test_large_bodies_are_refused(self) -> None:
        assert post(FakeAgent(echo), raw=b" " * (MAX_BODY_BYTES + 1)) == (413, {"error": "too_large"})

    def test_without_a_model_nothing_is_answered(self) -> None:
        agent = FakeAgent(echo)
        agent.ready = False
        assert post(agent) == (503, {"error": "no_model"})

    def test_errors_are_said_without_their_words(self, caplog: pytest.LogCaptureFixture) -> None:
        async def fail(message: UserMessage) -> None:
            raise ValueError(f"cannot parse {message.text}")

        assert post(FakeAgent(fail), {**MESSAGE, "text": "09121234567"}) == (500, {"error": "failed"})
        assert "corr-1" in caplog.text
        assert "ValueError" in caplog.text
        assert "09121234567" not in caplog.text

    def test_health_says_whether_the_model_is_loaded(self) -> None:
        agent = FakeAgent(echo)
        url = f"{serving(agent)}/health"
        assert requests.get(url, timeout=20).status_code == 403
        assert requests.get(url, headers=TRUSTED, timeout=20).json() == {"status": "ok", "model": "model.tar.gz"}
        agent.ready = False
        assert requests.get(url, headers=TRUSTED, timeout=20).status_code == 503

    def test_a_turn_is_finished_when_the_edge_hangs_up(self) -> None:
        go_on, done = threading.Event(), threading.Event()

        async def slow(_: UserMessage) -> None:
            await asyncio.get_running_loop().run_in_executor(None, go_on.wait, 20)
            done.set()

        with pytest.raises(requests.ReadTimeout):
            requests.post(f"{serving(FakeAgent(slow))}/message", json=MESSAGE, headers=TRUSTED, timeout=(5, 0.2))
        go_on.set()
        assert done.wait(20)


class TestFailedActions:
    def test_a_failed_action_is_not_silence(self) -> None:
        async def speak(_: UserMessage) -> None:
            # Rasa's processor goes on after an action that failed.
            with pytest.raises(Exception, match="action"):
                await run_action(rasa_endpoints.EndpointConfig("http://127.0.0.1:1/webhook"))

        failures.install()
        assert post(FakeAgent(speak)) == (500, {"error": "action_failed"})

    def test_a_rejected_action_is_no_failure(self) -> None:
        async def reject(_: web.Request) -> web.Response:
            return web.json_response({"action_name": "action_track_order", "error": "no"}, status=400)

        async def run() -> list[str]:
            failed = failures.collect()
            async with action_server(reject) as url:
                with pytest.raises(rasa_actions.ActionExecutionRejection):
                    await run_action(rasa_endpoints.EndpointConfig(url))
            return failed

        failures.install()
        assert asyncio.run(run()) == []

    def test_installing_twice_wraps_once(self) -> None:
        failures.install()
        once = rasa_actions.RemoteAction.run
        failures.install()
        assert rasa_actions.RemoteAction.run is once
