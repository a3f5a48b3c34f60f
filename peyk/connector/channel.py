"""Rasa's channel `peyk`: what the edge sends is answered in the same response.

`POST /webhooks/peyk/message` with `X-Peyk-Secret` and `{"conversation_id", "text" | "payload", "metadata"}`
→ `{"messages": [{"text", "buttons", "custom"}]}`, one object an utterance, in order.
`GET /webhooks/peyk/health` says whether the model is loaded.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from peyk.connector import failures, speedups
from peyk.connector.typed import harmless, is_payload

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Peyk-Secret"
MAX_BODY_BYTES = 64 * 1024
MAX_TEXT_CHARS = 20_000
MAX_CONVERSATION_ID_CHARS = 128

Handler = Callable[[UserMessage], Awaitable[Any]]


class Collected(OutputChannel):
    """Keeps what the bot says, one object an utterance: text, buttons and custom stay together."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """Return the channel's name; responses in the domain may be written for it."""
        return "peyk"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one utterance; parts without content are left out, an utterance without any is dropped."""
        said: dict[str, Any] = {}
        if message.get("text"):
            said["text"] = message["text"]
        if message.get("buttons"):
            said["buttons"] = [
                {"title": button["title"], "payload": button.get("payload", "")} for button in message["buttons"]
            ]
        if message.get("custom"):
            said["custom"] = message["custom"]
        if said:
            self.messages.append(said)


@dataclass(frozen=True)
class Turn:
    """One message as the edge sent it, with `text` already harmless or a payload of our own."""

    conversation_id: str
    text: str
    metadata: dict[str, str]


class PeykInput(InputChannel):
    """The only way into Rasa; it believes nobody without the run secret."""

    def __init__(self, secret: str) -> None:
        """Take the run secret that edge and Rasa share."""
        self._secret = secret.encode()
        self._running: set[asyncio.Future[Any]] = set()
        failures.install()

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is its URL too."""
        return "peyk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> PeykInput:
        """Read `secret` from credentials.yml."""
        secret = str((credentials or {}).get("secret") or "")
        if not secret:
            cls.raise_missing_credentials_exception()
        return cls(secret)

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("peyk_channel")

        @routes.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            if not self._trusts(request):
                return _error(403, "forbidden")
            model = _loaded_model(request)
            return response.json({"status": "ok", "model": model}) if model else _error(503, "no_model")

        @routes.route("/message", methods=["POST"])
        async def message(request: Request) -> HTTPResponse:
            if not self._trusts(request):
                return _error(403, "forbidden")
            if len(request.body) > MAX_BODY_BYTES:
                return _error(413, "too_large")
            turn = _read(request.body)
            if turn is None:
                return _error(422, "bad_message")
            if not _loaded_model(request):
                return _error(503, "no_model")
            return await self._answer(turn, on_new_message)

        routes.listener("after_server_stop")(_close_sessions)
        return routes

    def _trusts(self, request: Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret)

    async def _answer(self, turn: Turn, on_new_message: Handler) -> HTTPResponse:
        collected = Collected()
        # A turn is finished even when the edge hangs up: half a turn would lose what the customer said.
        running = asyncio.ensure_future(_process(turn, collected, on_new_message))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        correlation_id = turn.metadata.get("correlation_id", "")
        try:
            failed = await asyncio.shield(running)
        except Exception as exc:  # noqa: BLE001
            # Only its name: the exception's own text may quote the message.
            logger.warning("peyk.turn.failed correlation_id=%s error=%s", correlation_id, type(exc).__name__)
            return _error(500, "failed")
        if failed:
            logger.warning("peyk.action.failed correlation_id=%s actions=%s", correlation_id, ",".join(failed))
            return _error(500, "action_failed")
        return response.json({"messages": collected.messages})


async def _process(turn: Turn, collected: Collected, on_new_message: Handler) -> list[str]:
    failed = failures.collect()
    await on_new_message(
        UserMessage(
            turn.text,
            collected,
            turn.conversation_id,
            input_channel=PeykInput.name(),
            metadata=turn.metadata,
        )
    )
    return failed


def _read(body: bytes) -> Turn | None:
    """Return what the edge sent, or None when it is not what the edge would send."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    conversation_id, typed, payload = data.get("conversation_id"), data.get("text"), data.get("payload")
    if not isinstance(conversation_id, str) or not 0 < len(conversation_id) <= MAX_CONVERSATION_ID_CHARS:
        return None
    metadata = data.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        return None
    if isinstance(payload, str) and typed is None:
        # Rasa reads `{}` as something it cannot read.
        return Turn(conversation_id, payload.removesuffix("{}"), metadata) if is_payload(payload) else None
    if isinstance(typed, str) and payload is None and len(typed) <= MAX_TEXT_CHARS:
        return Turn(conversation_id, harmless(typed), metadata)
    return None


def _loaded_model(request: Request) -> str | None:
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return None
    return str(agent.processor.model_filename)


def _error(status: int, code: str) -> HTTPResponse:
    return response.json({"error": code}, status=status)


async def _close_sessions(*_: Any) -> None:
    await speedups.close_sessions()
