"""Speaks to Rasa's channel `peyk` (peyk/connector); one pooled client, one deadline a message."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog

from peyk.channels import Incoming
from peyk.errors import BadAnswer, Unavailable

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Peyk-Secret"
# One further try, and only when the connection was refused: then nothing was sent.
REFUSED_PAUSE_S = 0.2
HEALTH_TIMEOUT_S = 2.0
# Shorter than Rasa keeps an idle connection (120 s), so that none is used while it closes.
KEEPALIVE_S = 30.0
# A slow carrier may hold some; messages beyond it wait for a connection, no longer than for an answer.
AT_ONCE = 200

# Answered by the rule of data/rules/handoff.yml, inside a form by the form.
START_OVER = "/press_start_over"

Said = dict[str, Any]


class Rasa:
    """The Rasa server, as the edge sees it."""

    def __init__(self, url: str, secret: str, timeout_s: float, action_health_url: str) -> None:
        """Take where Rasa is; nothing is sent yet."""
        self._message_url = f"{url.rstrip('/')}/webhooks/peyk/message"
        self._health_url = f"{url.rstrip('/')}/webhooks/peyk/health"
        self._action_health_url = action_health_url
        self._timeout_s = timeout_s
        self._headers = {SECRET_HEADER: secret}
        self._client: aiohttp.ClientSession | None = None

    async def send(self, incoming: Incoming, payload: str | None) -> list[Said]:
        """Pass a message on and return what the bot says. Raises Unavailable or BadAnswer."""
        content = {"payload": payload} if payload is not None else {"text": incoming.text or ""}
        return _read(await self._ask(incoming, content))

    async def start_over(self, incoming: Incoming) -> None:
        """Have Rasa leave an open form and what it was asking for; nothing is said. Raises Unavailable."""
        await self._ask(incoming, {"payload": START_OVER})

    async def _ask(self, incoming: Incoming, content: dict[str, str]) -> bytes:
        body = {
            "conversation_id": incoming.conversation_id,
            **content,
            "metadata": {"address": incoming.address, "correlation_id": incoming.correlation_id},
        }
        try:
            async with asyncio.timeout(self._timeout_s):
                status, answer = await self._post(json.dumps(body, ensure_ascii=False).encode())
        except (OSError, aiohttp.ClientError) as exc:
            raise Unavailable("rasa", type(exc).__name__) from None
        if status != HTTPStatus.OK:
            raise Unavailable("rasa", f"HTTP {status}")
        return answer

    async def ready(self) -> bool:
        """Tell whether Rasa has its model loaded."""
        return await self._answers(self._health_url)

    async def actions_ready(self) -> bool:
        """Tell whether the action server answers."""
        return await self._answers(self._action_health_url)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def _post(self, body: bytes) -> tuple[int, bytes]:
        try:
            return await self._request("POST", self._message_url, body)
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(REFUSED_PAUSE_S)
            return await self._request("POST", self._message_url, body)

    async def _answers(self, url: str) -> bool:
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT_S):
                status, _ = await self._request("GET", url)
        except (OSError, aiohttp.ClientError):
            return False
        return status == HTTPStatus.OK

    async def _request(self, method: str, url: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Return status and body of an answer. The caller's deadline is the only one."""
        if self._client is None:
            # Made at the first request, for it belongs to the loop that runs then. What the machine's environment
            # says of proxies is not for loopback, and aiohttp does not read it unless it is told to.
            self._client = aiohttp.ClientSession(
                headers=self._headers,
                connector=aiohttp.TCPConnector(limit=AT_ONCE, keepalive_timeout=KEEPALIVE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            )
        kind = {"Content-Type": "application/json"} if body is not None else None
        async with self._client.request(method, url, data=body, headers=kind, allow_redirects=False) as response:
            return response.status, await response.read()


def action_health_url(action_url: str) -> str:
    """Return the health address of the action server whose webhook is `action_url`."""
    return f"{action_url.rstrip('/').rsplit('/', 1)[0]}/health"


def _read(answer: bytes) -> list[Said]:
    try:
        messages = json.loads(answer)["messages"]
        read = [_said(message) for message in messages]
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise BadAnswer("rasa", type(exc).__name__) from None
    if not any(read):
        # A customer who wrote something is never left with silence.
        raise BadAnswer("rasa", "no message")
    return read


def _said(message: Any) -> Said:
    if not isinstance(message, dict):
        raise TypeError
    said = {name: message[name] for name in ("text", "buttons", "custom") if message.get(name)}
    custom, buttons = said.get("custom", {}), said.get("buttons", [])
    if not isinstance(said.get("text", ""), str) or not isinstance(custom, dict) or not isinstance(buttons, list):
        raise TypeError
    if not all(isinstance(button[name], str) for button in buttons for name in ("title", "payload")):
        raise TypeError
    return said
