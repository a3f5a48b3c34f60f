"""What every request passes: size and speed of the body, a correlation id, headers that keep browsers careful."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from peyk.channels import Refused
from peyk.channels.rest import render
from peyk.channels.webchat.render import as_error
from peyk.logging import bind_correlation
from peyk.web.room import Room
from peyk.web.sentences import refusal

CORRELATION_HEADER = "X-Correlation-ID"
# An id that could be a mobile, a code or a tracking code would stand in every log line: only a UUID (or the same
# without dashes) may have long runs of digits.
CORRELATION = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|(?!.*\d{5})[A-Za-z0-9_-]{8,64}", re.ASCII
)
MAX_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_S = 10.0

# Where refusals have the shape of the web chat's.
CHAT_PATH = "/chat/"
# Operators' large bodies are counted apart: customers never keep them from answering.
CONSOLE_PATH = "/console/"

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": API_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def _peer(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _refused_message(refused: Refused, language: str) -> Response:
    answer = refusal(refused, language)
    return Response(render("", answer.utterances), answer.status, media_type="application/json")


def _refused_in_chat(refused: Refused, language: str) -> Response:
    answer = refusal(refused, language)
    return JSONResponse({"error": as_error(refused, answer.utterances[0])}, answer.status)


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How large a body may be and how long it may take; `refuse` words what is said to one that is too much."""

    max_bytes: int = MAX_BODY_BYTES
    timeout_s: float = BODY_TIMEOUT_S
    refuse: Callable[[Refused, str], Response] = _refused_message


@dataclass(frozen=True, slots=True)
class LargeBodies:
    """The POST requests that may be larger than others: those whose whole path `paths` matches."""

    paths: re.Pattern[str]
    limit: BodyLimit


class Guard:
    """ASGI middleware round the whole edge."""

    def __init__(
        self,
        app: ASGIApp,
        language: str,
        body_timeout_s: float = BODY_TIMEOUT_S,
        large: Sequence[LargeBodies] = (),
        address_of: Callable[[HTTPConnection], str] = _peer,
    ) -> None:
        """Take the application and the language of refusals that come before any message is read.

        `address_of` names the network address of who sends a large body.
        """
        self._app = app
        self._language = language
        self._limit = BodyLimit(timeout_s=body_timeout_s)
        self._large = tuple(large)
        self._address_of = address_of
        self.room = Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; anything but HTTP goes through as it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = _correlation_id(Headers(scope=scope))
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        bind_correlation(correlation_id)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[CORRELATION_HEADER] = correlation_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        limit = self._limit_of(scope)
        with ExitStack() as held:

            def hold() -> None:
                side = CONSOLE_PATH if str(scope["path"]).startswith(CONSOLE_PATH) else CHAT_PATH
                held.enter_context(self.room.hold(side, self._address_of(HTTPConnection(scope))))

            try:
                body = await self._read(Headers(scope=scope), receive, limit, hold)
            except Refused as refused:
                held.close()
                chat = limit is self._limit and str(scope["path"]).startswith(CHAT_PATH)
                response = (_refused_in_chat if chat else limit.refuse)(refused, self._language)
                # What is left of the body is not read, so the connection cannot be used again.
                response.headers["Connection"] = "close"
                await response(scope, receive, send_guarded)
                return
            if body is not None:
                await self._app(scope, _replay(body, receive), send_guarded)

    def _limit_of(self, scope: Scope) -> BodyLimit:
        if scope["method"] == "POST":
            for large in self._large:
                if large.paths.fullmatch(scope["path"]):
                    return large.limit
        return self._limit

    async def _read(
        self, headers: Headers, receive: Receive, limit: BodyLimit, hold: Callable[[], None]
    ) -> bytes | None:
        """Return the whole body, or None when the client went away. Raises Refused (413, 408).

        `hold` is called once the body is a large one, and may refuse it (503): what is only announced counts for
        nothing, or a few who never send it would keep all others out.
        """
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:18]) > limit.max_bytes:
            raise Refused("too_large", 413)
        body, large = bytearray(), False
        try:
            async with asyncio.timeout(limit.timeout_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if len(body) > limit.max_bytes:
                        raise Refused("too_large", 413)
                    if len(body) > MAX_BODY_BYTES and not large:
                        large = True
                        hold()
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise Refused("too_slow", 408) from None


def correlation_id_of(connection: HTTPConnection) -> str:
    """Return the correlation id the guard gave a request."""
    return str(connection.scope["state"]["correlation_id"])


def _correlation_id(headers: Headers) -> str:
    given = headers.get(CORRELATION_HEADER, "")
    return given if CORRELATION.fullmatch(given) else secrets.token_hex(8)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
