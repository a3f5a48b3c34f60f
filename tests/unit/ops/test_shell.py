"""The terminal chat: buttons by number, text as it is, what was understood when asked."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from pydantic import SecretStr

from peyk.channels.rest import DEMO_OWNER, conversation_id
from peyk.launcher.shell import Chat, Debug, describe

KEY, RUN_SECRET = "k" * 40, "r" * 40
EVENTS: list[dict[str, Any]] = [
    {"event": "action", "name": "action_session_start"},
    {
        "event": "user",
        "parse_data": {
            "intent": {"name": "track_order", "confidence": 0.934},
            "entities": [
                {"entity": "order_id", "role": "bare", "value": "TS-104233"},
                {"entity": "language", "value": "fa"},
            ],
        },
    },
    {"event": "slot", "name": "order_id", "value": "TS-104233"},
    {"event": "action", "name": "action_track_order", "policy": "RulePolicy"},
    {"event": "active_loop", "name": "identity_form"},
    {"event": "bot", "text": "…"},
    {"event": "action", "name": "action_listen"},
]
SHOWN = [
    "action action_session_start  [-]",
    "intent track_order (0.93) order_id[bare]=TS-104233 language=fa",
    "slot order_id = 'TS-104233'",
    "action action_track_order  [RulePolicy]",
    "form identity_form",
]


class Peyk:
    """Stands in for the edge and for Rasa's HTTP API; remembers what it was sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.asked: list[httpx.URL] = []
        self.events = list(EVENTS)
        self.status = 200

    def edge(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/demo/outbox":
            messages = [{"text": "Your code: 482913", "at": "2026-11-21T20:00:00Z"}]
            return httpx.Response(200, json=messages if request.url.params["to"] == "09121234567" else [])
        self.sent.append(json.loads(request.content))
        buttons = [{"title": "Verify", "payload": "b:one"}, {"title": "My orders", "payload": "b:two"}]
        return httpx.Response(self.status, json=[{"recipient_id": "x", "text": "On its way.", "buttons": buttons}])

    def rasa(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        return httpx.Response(200, json={"events": self.events})


@pytest.fixture
def peyk() -> Peyk:
    """The stand-in."""
    return Peyk()


@pytest.fixture
def chat(peyk: Peyk) -> Chat:
    """A chat with the stand-in."""
    edge = httpx.Client(base_url="http://edge", transport=httpx.MockTransport(peyk.edge))
    rasa = httpx.Client(base_url="http://rasa", transport=httpx.MockTransport(peyk.rasa))
    return Chat(edge, Debug(rasa, RUN_SECRET, KEY))


def test_an_answer_is_shown_with_numbered_buttons(chat: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    assert chat.line("where is TS-104233?")
    assert capsys.readouterr().out.splitlines() == ["🤖 On its way.", "   [1] Verify", "   [2] My orders"]


def test_a_number_presses_its_button_and_an_equals_sign_says_it(chat: Chat, peyk: Peyk) -> None:
    for line in ("hello", "2", "=2", "3", "۲"):
        chat.line(line)
    assert [sent["message"] for sent in peyk.sent] == ["hello", "b:two", "2", "3", "b:two"]
    assert len({sent["sender"] for sent in peyk.sent}) == 1


def test_an_empty_line_says_nothing_and_quit_leaves(chat: Chat, peyk: Peyk) -> None:
    assert chat.line("   ")
    assert not chat.line("/quit")
    assert peyk.sent == []


def test_a_new_conversation_has_another_sender(chat: Chat, peyk: Peyk) -> None:
    for line in ("hello", "/new", "2"):
        chat.line(line)
    assert peyk.sent[0]["sender"] != peyk.sent[1]["sender"]
    assert peyk.sent[1]["message"] == "2"


def test_debug_shows_only_what_this_turn_did(chat: Chat, peyk: Peyk, capsys: pytest.CaptureFixture[str]) -> None:
    peyk.events = EVENTS[:1]
    chat.line("/debug")
    peyk.events = EVENTS
    capsys.readouterr()
    chat.line("where is it?")
    lines = capsys.readouterr().out.splitlines()
    assert [line.removeprefix("   · ") for line in lines if "·" in line] == SHOWN[1:]
    chat.line("/debug")
    capsys.readouterr()
    chat.line("and now?")
    assert "·" not in capsys.readouterr().out


def test_debug_asks_rasa_for_this_conversation_with_the_run_secret(chat: Chat, peyk: Peyk) -> None:
    chat.line("/debug")
    conversation = conversation_id(SecretStr(KEY), DEMO_OWNER, chat.sender)
    assert unquote(peyk.asked[-1].path) == f"/conversations/{conversation}/tracker"
    assert peyk.asked[-1].params["token"] == RUN_SECRET


def test_the_phone_shows_the_code(chat: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    chat.line("/phone 09121234567")
    assert "482913" in capsys.readouterr().out
    chat.line("/phone 09120000000")
    assert "no messages to 09120000000" in capsys.readouterr().out


def test_a_limit_is_shown_with_its_status(chat: Chat, peyk: Peyk, capsys: pytest.CaptureFixture[str]) -> None:
    peyk.status = 429
    chat.line("TS-999999")
    assert capsys.readouterr().out.startswith("  (HTTP 429)\n🤖 On its way.")


@pytest.mark.parametrize(("event", "line"), list(zip([e for e in EVENTS if describe(e)], SHOWN, strict=True)))
def test_each_event_is_one_line(event: dict[str, Any], line: str) -> None:
    assert describe(event) == line


def test_an_event_that_says_nothing_is_left_out() -> None:
    assert [describe(event) for event in EVENTS[-2:]] == ["", ""]
    assert describe({"event": "active_loop", "name": None}) == "form ended"
