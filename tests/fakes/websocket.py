"""A browser's WebSocket in a few lines, over a plain socket: what is sent and read is the test's to say."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

PATIENCE_S = 20
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
Json = Any

_open: list[WebSocket] = []


class HandshakeRefused(Exception):
    """The server did not open the socket: `status` is what it said instead."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class WebSocket:
    """An open socket. Frames are JSON objects; `code` is set once the server has closed."""

    def __init__(
        self, url: str, path: str = "/chat/socket", *, headers: dict[str, str] | None = None, receive_buffer: int = 0
    ) -> None:
        where = urlsplit(url)
        self._connection = socket.socket()
        _open.append(self)
        if receive_buffer:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._connection.settimeout(PATIENCE_S)
        self._connection.connect((where.hostname, where.port))
        self._buffer = b""
        self.code: int | None = None
        key = base64.b64encode(os.urandom(16)).decode()
        own = {"Host": where.netloc, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        lines = [f"{name}: {value}" for name, value in {**own, "Sec-WebSocket-Key": key, **(headers or {})}.items()]
        self._connection.sendall("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status != 101:
            self._connection.close()
            raise HandshakeRefused(status)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, **frame: Json) -> None:
        self.send_raw(TEXT, json.dumps(frame, ensure_ascii=False).encode())

    def send_raw(self, kind: int, content: bytes) -> None:
        size = len(content)
        head = bytes([0x80 | kind])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 2**16:
            head += bytes([0x80 | 126]) + struct.pack("!H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", size)
        # A mask of zeros is a mask.
        self._connection.sendall(head + bytes(4) + content)

    def read(self) -> Json | None:
        """Return the next frame; None when the server has closed the socket."""
        while True:
            kind, content = self._frame()
            if kind == TEXT:
                return json.loads(content)
            if kind == PING:
                self.send_raw(PONG, content)
            if kind == CLOSE:
                self.code = struct.unpack("!H", content[:2])[0] if len(content) >= 2 else None
                return None

    def read_until(self, wanted: Callable[[Json], bool]) -> list[Json]:
        """Return the frames up to the first one that is wanted, which is the last of them."""
        frames: list[Json] = []
        while True:
            frame = self.read()
            assert frame is not None, f"closed ({self.code}) after {frames}"
            frames.append(frame)
            if wanted(frame):
                return frames

    def read_to_end(self) -> list[Json]:
        """Return the frames up to the close."""
        frames = []
        while (frame := self.read()) is not None:
            frames.append(frame)
        return frames

    def close(self) -> None:
        self._connection.close()

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        size = second & 127
        if size == 126:
            size = struct.unpack("!H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8))[0]
        return first & 15, self._take(size)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _more(self) -> None:
        received = self._connection.recv(65536)
        if not received:
            raise ConnectionError("the server hung up")
        self._buffer += received


def close_all() -> None:
    """Close what a test has left open."""
    while _open:
        _open.pop().close()
