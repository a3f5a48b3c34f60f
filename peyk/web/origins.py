"""Which web pages may speak to the chat: the edge's own, and those a shop has named."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from peyk.errors import SettingsError

PATHS = ("/chat/", "/files")
ALLOWED_METHODS = "GET, POST"
ALLOWED_HEADERS = "Authorization, Content-Type, X-Correlation-ID"
EXPOSED_HEADERS = "Retry-After, X-Correlation-ID"
PREFLIGHT_S = 600
REFUSAL = json.dumps(
    {"error": {"code": "origin", "text": "This page may not speak to the chat (PEYK_WEBCHAT_ORIGINS)."}}
)
# Policy violation: the browser's page is not one that may speak here.
CLOSE_POLICY = 1008


class Origins:
    """The origins that may speak to the chat."""

    def __init__(self, setting: str) -> None:
        """Take origins separated by commas. Raises SettingsError for what is none."""
        self._named = {_origin(part.strip()) for part in setting.split(",") if part.strip()}

    def allows(self, headers: Headers) -> bool:
        """Tell whether a request may pass; what is no browser's names no origin and has nobody's rights to misuse."""
        origin = headers.get("origin")
        return origin is None or origin in self._named or urlsplit(origin).netloc == headers.get("host", "")


class OriginCheck:
    """ASGI middleware round the edge: CORS for the chat's paths, and the origin of its sockets. No cookies are used."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        """Take the application and the origins."""
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; what is not the chat's goes through as it is."""
        if scope["type"] == "lifespan" or not str(scope["path"]).startswith(PATHS):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        allowed = self._origins.allows(headers)
        if scope["type"] == "websocket":
            await (self._app(scope, receive, send) if allowed else _turn_away(receive, send))
            return
        origin = headers.get("origin")
        if not allowed:
            await _answer(send, 403, REFUSAL.encode(), {"Content-Type": "application/json"})
        elif origin is not None and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _answer(send, 204, b"", _preflight(origin))
        else:
            await self._app(scope, receive, _with_cors(send, origin))


def _with_cors(send: Send, origin: str | None) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            if origin is not None:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        await send(message)

    return sending


def _preflight(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": ALLOWED_METHODS,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(PREFLIGHT_S),
    }


async def _answer(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    raw = {**headers, "Content-Length": str(len(body)), "Vary": "Origin", "Cache-Control": "no-store"}
    if status == 204:
        del raw["Content-Length"]
    encoded = [(name.lower().encode(), value.encode()) for name, value in raw.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


async def _turn_away(receive: Receive, send: Send) -> None:
    await receive()
    # Before it is accepted: the browser sees 403 in the place of the handshake.
    await send({"type": "websocket.close", "code": CLOSE_POLICY})


def _origin(value: str) -> str:
    parts = urlsplit(value)
    try:
        port = parts.port
    except ValueError:
        port = -1
    bare = parts.scheme in ("http", "https") and parts.hostname and not (parts.path.rstrip("/") or parts.query)
    if not bare or parts.username or port == -1:
        raise SettingsError(f"PEYK_WEBCHAT_ORIGINS: {value!r} is not an origin such as https://shop.example")
    return f"{parts.scheme}://{parts.netloc.lower()}"
