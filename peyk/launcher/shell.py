"""`make shell`: a chat in the terminal through the edge's REST channel, for conversation designers."""

from __future__ import annotations

import readline  # noqa: F401  arrow keys and history for input()
import secrets
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

import httpx
from pydantic import SecretStr

from peyk.channels.rest import DEMO_OWNER, conversation_id
from peyk.launcher.console import complain, say
from peyk.launcher.demo import Plan, Running, bring_up, only_demo, running
from peyk.launcher.processes import StopFlag, Stopped, Supervisor

WEBHOOK = "/webhooks/rest/webhook"
TIMEOUT_S = 40.0
HELP = """\
  2              press the second button of the last answer
  =2             say "2" (any text after = goes as it is)
  /debug         show what was understood and done after each answer, or stop showing it
  /phone MOBILE  show the text messages that MOBILE got, e.g. the one-time code
  /new           begin a new conversation
  /quit          leave"""


@dataclass(slots=True)
class Chat:
    """One conversation with a running Peyk; `commands` are the words after a slash."""

    http: httpx.Client
    debug: Debug
    sender: str = field(default_factory=lambda: f"shell-{secrets.token_hex(4)}")
    buttons: list[dict[str, str]] = field(default_factory=list)

    def line(self, line: str) -> bool:
        """Do what a typed line asks for; False when the user wants to leave."""
        word, _, rest = line.strip().partition(" ")
        if word in {"/quit", "/exit", "/q"}:
            return False
        commands: Mapping[str, Callable[[str], None]] = {
            "/debug": self._toggle_debug,
            "/phone": self._show_phone,
            "/new": self._begin_anew,
            "/help": lambda _: say(HELP),
        }
        if word in commands:
            commands[word](rest.strip())
        elif line.strip():
            self.send(self._meant(line.strip()))
        return True

    def send(self, text: str) -> None:
        """Send a message and print the answer."""
        response = self.http.post(WEBHOOK, json={"sender": self.sender, "message": text})
        answer = response.json()
        messages: list[dict[str, Any]] = answer if isinstance(answer, list) else [{"text": str(answer)}]
        if response.is_error:
            say(f"  (HTTP {response.status_code})")
        self.buttons = [button for message in messages for button in message.get("buttons") or []]
        for message in messages:
            if message.get("text"):
                say(f"🤖 {message['text']}")
        for number, button in enumerate(self.buttons, start=1):
            say(f"   [{number}] {button['title']}")
        if self.debug.on:
            for entry in self.debug.news(self.sender):
                say(f"   · {entry}")

    def _meant(self, text: str) -> str:
        if text.startswith("="):
            return text[1:].strip()
        if text.isdecimal() and 0 < int(text) <= len(self.buttons):
            button = self.buttons[int(text) - 1]
            say(f"   ({button['title']})")
            return button["payload"]
        return text

    def _toggle_debug(self, _rest: str) -> None:
        self.debug.on = not self.debug.on
        say(f"  debug is {'on' if self.debug.on else 'off'}")
        if self.debug.on:
            self.debug.news(self.sender)

    def _show_phone(self, mobile: str) -> None:
        response = self.http.get("/demo/outbox", params={"to": mobile})
        messages = response.json() if response.is_success else []
        for message in messages[:3]:
            say(f"📱 {message['at']}  {message['text']}")
        if not messages:
            say(f"  no messages to {mobile or 'nobody: /phone MOBILE'}")

    def _begin_anew(self, _rest: str) -> None:
        self.sender, self.buttons = f"shell-{secrets.token_hex(4)}", []
        say("  a new conversation")


@dataclass(slots=True)
class Debug:
    """What Rasa understood and did, asked of its HTTP API."""

    rasa: httpx.Client
    run_secret: str = field(repr=False)
    secret_key: str = field(repr=False)
    on: bool = False
    _seen: dict[str, int] = field(default_factory=dict)

    def news(self, sender: str) -> list[str]:
        """Return what happened in the conversation since the last call, a line each."""
        conversation = conversation_id(SecretStr(self.secret_key), DEMO_OWNER, sender)
        response = self.rasa.get(
            f"/conversations/{conversation}/tracker", params={"token": self.run_secret, "include_events": "ALL"}
        )
        if response.is_error:
            return [f"Rasa answers HTTP {response.status_code}"]
        events = response.json().get("events") or []
        new = events[self._seen.get(conversation, 0) :]
        self._seen[conversation] = len(events)
        return [line for event in new if (line := describe(event))]


def describe(event: Mapping[str, Any]) -> str:
    """Return a tracker event as one line for people; an empty one when it says nothing to them."""
    kind = event.get("event")
    if kind == "user":
        data = event.get("parse_data") or {}
        intent = data.get("intent") or {}
        return " ".join(
            [
                f"intent {intent.get('name')} ({intent.get('confidence', 0):.2f})",
                *map(_entity, data.get("entities") or []),
            ]
        )
    if kind == "action" and event.get("name") != "action_listen":
        return f"action {event.get('name')}  [{event.get('policy') or '-'}]"
    if kind == "slot":
        return f"slot {event.get('name')} = {event.get('value')!r}"
    if kind == "active_loop":
        return f"form {event.get('name') or 'ended'}"
    return ""


def shell(plan: Plan) -> None:
    """Chat with the demo that runs over the plan's data, or with one started for this chat."""
    found = running(plan.data_dir)
    if found:
        say(f"joining the demo at {found.url}")
        _converse(found, plan.secret_key, lambda: None)
        return
    stop = StopFlag().install()
    with suppress(Stopped), only_demo(plan.data_dir), Supervisor(plan.root) as processes:
        stack = bring_up(plan, processes, stop)
        _converse(Running(stack.url, stack.rasa_url, stack.run_secret), plan.secret_key, processes.check)


def _converse(found: Running, secret_key: str, check: Callable[[], None]) -> None:
    # From here on a signal must end the waiting for a line.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    with (
        httpx.Client(base_url=found.url, timeout=TIMEOUT_S, trust_env=False) as edge,
        httpx.Client(base_url=found.rasa_url, timeout=TIMEOUT_S, trust_env=False) as rasa,
    ):
        chat = Chat(edge, Debug(rasa, found.run_secret, secret_key))
        say(f"{HELP}\n")
        with suppress(EOFError, KeyboardInterrupt):
            while _one_turn(chat):
                check()


def _one_turn(chat: Chat) -> bool:
    try:
        return chat.line(input("🧑 "))
    except (httpx.HTTPError, ValueError) as exc:
        complain(f"no answer that can be read: {type(exc).__name__}")
        return True


def _leave(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _entity(entity: Mapping[str, Any]) -> str:
    role = f"[{entity['role']}]" if entity.get("role") else ""
    return f"{entity.get('entity')}{role}={entity.get('value')}"
