"""The server under the edge: uvicorn, that lets the edge say goodbye before connections are closed."""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

# A frame is no longer than a request's body may be.
MAX_FRAME_BYTES = 64 * 1024
PING_S = 20.0

Goodbye = Callable[[], Awaitable[None]]


class EdgeServer(uvicorn.Server):
    """Serves the edge; `goodbye` comes before the sockets are closed."""

    def __init__(self, config: uvicorn.Config, goodbye: Goodbye) -> None:
        """Take the configuration and what is to be done first at the end."""
        super().__init__(config)
        self._goodbye = goodbye

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in order."""
        for server in self.servers:
            server.close()
        await self._goodbye()
        await super().shutdown(sockets)


def configured(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """Return how the edge is served, over plain HTTP and WebSockets."""
    return uvicorn.Config(
        app,
        ws="wsproto",
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        # A compressor would cost every open socket more memory than it saves in these short frames.
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        # The edge itself decides whom to believe about addresses.
        proxy_headers=False,
        **more,
    )


def without_addresses(record: logging.LogRecord) -> bool:
    """Keep the lines about sockets that open out of the log: they hold the customer's address."""
    return '"WebSocket ' not in str(record.msg)
