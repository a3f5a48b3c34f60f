"""Speaks to the Bot API (core.telegram.org/bots/api), Telegram's or Bale's; no meaning, no pace, no retries.

The token is in no log line, exception or representation: see `secret_path`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from pydantic import SecretStr

from peyk.channels.telegram.answers import Reply, result
from peyk.channels.telegram.errors import BadRequest, TooBig, Unanswered
from peyk.channels.telegram.secret_path import PLACE, SecretPath
from peyk.errors import BadAnswer, ExternalError, NotFound, SettingsError, Unavailable
from peyk.settings import TELEGRAM_URL
from peyk.tls import trusted

# What a customer of ours can do; nothing else is sent to us.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query")
# A hundred updates of 4,096 characters each, with all their escapes.
MAX_ANSWER_BYTES = 8 * 1024 * 1024
# Bots may fetch files up to 20 MB (getFile).
MAX_FILE_BYTES = 20 * 1024 * 1024
CONNECT_TIMEOUT_S = 5.0
# Megabytes, perhaps by a slow proxy.
FILE_TIMEOUT_S = 60.0
# How much longer than its own patience a long poll may take.
POLL_MARGIN_S = 10.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Nothing has gone out yet when these come.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_NOT_MODIFIED = "message is not modified"
_TOO_LATE = ("query is too old", "query id is invalid")
_TOO_BIG = "file is too big"

Body = Mapping[str, Any]


class Encoding(StrEnum):
    """How parameters are sent. Telegram takes both; Bale is said to be unreliable with JSON (integrations.md, 13)."""

    JSON = "json"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to fetch: where, and its size in bytes where it is told. Good for an hour at least (getFile)."""

    path: str
    size: int | None


class BotApi:
    """One bot at one API.

    Every method raises Unavailable (Unanswered once the request is out), BadAnswer, SlowDown, or a Refusal. `system`
    names the API in errors and logs.
    """

    def __init__(
        self,
        token: SecretStr,
        *,
        base_url: str = TELEGRAM_URL,
        encoding: Encoding = Encoding.JSON,
        timeout_s: float = 10.0,
        proxy: SecretStr | None = None,
        system: str = "telegram",
    ) -> None:
        """Prepare the client; nothing is sent yet. Raises SettingsError for an address or a token that cannot be one.

        `proxy` is the address of an HTTP proxy, for machines that do not reach the API themselves.
        """
        self._base = _checked(base_url)
        self._system = system
        self._encoding = encoding
        self._timeout_s = timeout_s
        self._transport = SecretPath(token, _way_out(proxy))
        self._client = httpx.AsyncClient(
            transport=self._transport,
            # A packed answer could be far larger than what came over the wire.
            headers={"Accept-Encoding": "identity"},
            timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT_S, pool=timeout_s),
        )

    def __repr__(self) -> str:
        return f"BotApi({self._base!r})"

    async def set_webhook(
        self, url: str, secret: SecretStr, *, max_connections: int = 40, drop_pending: bool = False
    ) -> None:
        """Have updates sent to `url`, each with `secret` (1 to 256 of A-Z, a-z, 0-9, _ and -) in its header."""
        await self._call(
            "setWebhook",
            {
                "url": url,
                "secret_token": secret.get_secret_value(),
                "max_connections": max_connections,
                "allowed_updates": ALLOWED_UPDATES,
                "drop_pending_updates": drop_pending,
            },
        )

    async def delete_webhook(self, *, drop_pending: bool = False) -> None:
        """Have updates wait to be fetched."""
        await self._call("deleteWebhook", {"drop_pending_updates": drop_pending})

    async def get_updates(self, offset: int | None = None, *, wait_s: int = 25, limit: int = 100) -> Sequence[Any]:
        """Return updates from the id `offset` on, oldest first, and forget those before it; waits up to `wait_s`.

        They are as they came: read each with `updates.parse`. Raises Conflict while a webhook is set.
        """
        params = {"offset": offset, "timeout": wait_s, "limit": limit, "allowed_updates": ALLOWED_UPDATES}
        found = await self._call("getUpdates", params, timeout_s=wait_s + POLL_MARGIN_S)
        if not isinstance(found, list):
            raise BadAnswer(self._system, "getUpdates")
        return found

    async def send_message(self, chat_id: int, body: Body) -> int:
        """Send one body of `render` and return the message's id. Raises ChatGone when the customer has blocked us."""
        sent = await self._call("sendMessage", {"chat_id": chat_id, **body})
        if not isinstance(sent, dict) or not _is_int(sent.get("message_id")):
            raise BadAnswer(self._system, "sendMessage")
        return int(sent["message_id"])

    async def send_document(self, chat_id: int, name: str, content: bytes, media_type: str) -> None:
        """Send a file. Raises ChatGone when the customer has blocked us."""
        reply = await self._exchange(
            "POST",
            f"{PLACE}/sendDocument",
            FILE_TIMEOUT_S,
            MAX_ANSWER_BYTES,
            too_big=BadAnswer,
            data={"chat_id": str(chat_id)},
            files={"document": (name, content, media_type)},
        )
        result(reply, self._system, self._transport.scrub)

    async def edit_reply_markup(self, chat_id: int, message_id: int, markup: Body | None = None) -> bool:
        """Put other buttons under a message, or none; False when it had these already (a second tap)."""
        params = {"chat_id": chat_id, "message_id": message_id, "reply_markup": markup or {"inline_keyboard": []}}
        return await self._unless("editMessageReplyMarkup", params, _NOT_MODIFIED)

    async def answer_callback(self, callback_id: str, text: str | None = None) -> bool:
        """End the waiting sign on a tapped button; False when that comes too late."""
        return await self._unless("answerCallbackQuery", {"callback_query_id": callback_id, "text": text}, *_TOO_LATE)

    async def send_chat_action(self, chat_id: int, action: str = "typing") -> None:
        """Show that an answer is being written; it goes away after five seconds or with the answer."""
        await self._call("sendChatAction", {"chat_id": chat_id, "action": action})

    async def get_file(self, file_id: str) -> RemoteFile:
        """Return where a file is. Raises TooBig above what the API hands out."""
        try:
            found = await self._call("getFile", {"file_id": file_id})
        except BadRequest as exc:
            if _TOO_BIG not in str(exc).lower():
                raise
            raise TooBig(self._system, "larger than the API hands out") from None
        path, size = (found.get("file_path"), found.get("file_size")) if isinstance(found, dict) else (None, None)
        if not isinstance(path, str) or not _is_relative(path):
            raise BadAnswer(self._system, "getFile")
        return RemoteFile(path, size if _is_int(size) else None)

    async def download(self, file_id: str, *, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Return a file's content. Raises TooBig as soon as it proves larger than `max_bytes`; NotFound when gone."""
        file = await self.get_file(file_id)
        if file.size is not None and file.size > max_bytes:
            raise TooBig(self._system, f"{file.size} bytes")
        path = f"file/{PLACE}/{quote(file.path)}"
        reply = await self._exchange("GET", path, FILE_TIMEOUT_S, max_bytes, too_big=TooBig)
        if reply.status == httpx.codes.OK:
            return reply.content
        if reply.status == httpx.codes.NOT_FOUND:
            raise NotFound(self._system, "file")
        raise self._failure(reply)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _unless(self, method: str, params: Body, *harmless: str) -> bool:
        try:
            await self._call(method, params)
        except BadRequest as exc:
            if not any(words in str(exc).lower() for words in harmless):
                raise
            return False
        return True

    async def _call(self, method: str, params: Body | None = None, *, timeout_s: float | None = None) -> Any:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        content, content_type = _encoded(given, self._encoding)
        reply = await self._exchange(
            "POST",
            f"{PLACE}/{method}",
            timeout_s or self._timeout_s,
            MAX_ANSWER_BYTES,
            too_big=BadAnswer,
            content=content,
            headers={"Content-Type": content_type},
        )
        return result(reply, self._system, self._transport.scrub)

    async def _exchange(
        self, verb: str, path: str, timeout_s: float, limit: int, *, too_big: type[ExternalError], **request: Any
    ) -> Reply:
        failure: ExternalError
        try:
            async with asyncio.timeout(timeout_s):
                async with self._client.stream(verb, f"{self._base}/{path}", **request) as response:
                    content = await _content(response, limit)
                    if content is not None:
                        return Reply(response.status_code, content, response.headers.get("retry-after", ""))
            failure = too_big(self._system, f"more than {limit} bytes")
        except _NOT_SENT as exc:
            failure = Unavailable(self._system, type(exc).__name__)
        except (TimeoutError, httpx.HTTPError) as exc:
            failure = Unanswered(self._system, type(exc).__name__)
        # Out here, so that the client's exception, which holds the request and all in it, is not its context.
        raise failure

    def _failure(self, reply: Reply) -> ExternalError:
        """Return the error of an answer that is no file."""
        try:
            result(reply, self._system, self._transport.scrub)
        except ExternalError as exc:
            return exc
        return BadAnswer(self._system, f"HTTP {reply.status}")


async def _content(response: httpx.Response, limit: int) -> bytes | None:
    """Return the body, or None as soon as it is longer than `limit` bytes."""
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > limit:
            return None
    return bytes(content)


def _way_out(proxy: SecretStr | None) -> httpx.AsyncHTTPTransport:
    try:
        return httpx.AsyncHTTPTransport(
            proxy=proxy.get_secret_value() if proxy else None, trust_env=False, verify=trusted()
        )
    except (ValueError, httpx.InvalidURL):
        raise SettingsError("the proxy for the Bot API must be an http:// or https:// address") from None


def _encoded(params: Body, encoding: Encoding) -> tuple[bytes, str]:
    """Return a body and its type; in a form, what is no text is JSON ("Making requests" in the docs)."""
    if encoding is Encoding.JSON:
        return _json(params).encode("utf-8", "replace"), "application/json"
    fields = {name: value if isinstance(value, str) else _json(value) for name, value in params.items()}
    return urlencode(fields, errors="replace").encode(), "application/x-www-form-urlencoded"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _checked(base_url: str) -> str:
    """Return an address without its last slash. Raises SettingsError where the token would travel unprotected."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SettingsError("the Bot API's address must begin with https:// (http:// on this machine only)")
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise SettingsError("the Bot API's address must be a host and at most a path")
    return base_url.rstrip("/")


def _is_relative(path: str) -> bool:
    """Tell a path below the API's files from one that leads elsewhere (a Bot API server of one's own gives such)."""
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
