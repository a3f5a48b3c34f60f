"""A widget's socket with as little work as possible: the load generator shares the processors with what it loads."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Self, cast
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

PATH = "/chat/socket"
OPEN_S = 20.0
Json = dict[str, Any]


class SocketFailed(Exception):
    """The socket was not opened, or was closed by the edge."""


class Socket(asyncio.Protocol):
    """One open widget: `heard` gets every frame with the moment it was read, `gone` why the socket has ended."""

    def __init__(self, host: str, heard: Callable[[Json, float], None], gone: Callable[[str], None]) -> None:
        """Take whom to tell; made by `open`."""
        self._host = host
        self._heard = heard
        self._gone = gone
        self._websocket = WSConnection(ConnectionType.CLIENT)
        self._welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._text = ""
        self._closing = False

    @classmethod
    async def open(cls, url: str, heard: Callable[[Json, float], None], gone: Callable[[str], None]) -> Self:
        """Return a socket in a conversation of its own, welcomed. Raises SocketFailed."""
        where = urlsplit(url)
        try:
            async with asyncio.timeout(OPEN_S):
                _, socket = await asyncio.get_running_loop().create_connection(
                    lambda: cls(where.netloc, heard, gone), where.hostname or "", where.port or 80
                )
                await socket._welcome
        except (OSError, TimeoutError) as exc:
            raise SocketFailed(type(exc).__name__) from None
        return socket

    def send(self, **frame: object) -> None:
        """Send a frame."""
        if not self._transport.is_closing():
            self._put(TextMessage(json.dumps(frame, ensure_ascii=False)))

    def close(self) -> None:
        """Leave, without a word: as a browser whose tab is closed."""
        self._closing = True
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        self._transport = cast(asyncio.Transport, transport)
        self._put(Request(host=self._host, target=PATH))

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        at = time.perf_counter()
        try:
            self._websocket.receive_data(data)
            for event in self._websocket.events():
                self._take(event, at)
        except (RemoteProtocolError, ValueError) as exc:
            self._end(f"unreadable: {exc}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the edge has hung up."""
        self._end("hung up")

    def _take(self, event: Event, at: float) -> None:
        if isinstance(event, TextMessage):
            self._text += event.data
            if event.message_finished:
                frame, self._text = json.loads(self._text), ""
                self._read(frame, at)
        elif isinstance(event, AcceptConnection):
            self.send(type="hello", token=None, after=0, language="fa", pending=[])
        elif isinstance(event, Ping):
            self._put(event.response())
        elif isinstance(event, RejectConnection):
            self._end(f"HTTP {event.status_code}")
        elif isinstance(event, CloseConnection):
            self._end(f"closed {event.code}")
        elif isinstance(event, RejectData):
            return

    def _read(self, frame: Json, at: float) -> None:
        if frame["type"] == "welcome" and not self._welcome.done():
            self._welcome.set_result(None)
        self._heard(frame, at)

    def _put(self, event: Event) -> None:
        self._transport.write(self._websocket.send(event))

    def _end(self, reason: str) -> None:
        if self._closing:
            return
        self.close()
        if self._welcome.done():
            self._gone(reason)
        else:
            self._welcome.set_exception(SocketFailed(reason))
