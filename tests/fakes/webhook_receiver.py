"""A server of the shop that is told things: it keeps what it gets and misbehaves when it is told to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 20
HUGE = 50 * 1024 * 1024


@dataclass(frozen=True)
class Got:
    """A request that arrived: its path, its headers in lower case, its body."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A web server on a free port of this machine; `modes` are used one after the other, the last one for good.

    Modes: a status, `redirect`, `reset` (the connection), `slow` (no answer before the end), `drip` (a byte now and
    then), `huge` (a body without an end).
    """

    def __init__(self, *modes: int | str, tls: ssl.SSLContext | None = None) -> None:
        self.modes = list(modes) or [200]
        self.got: list[Got] = []
        self.sent_bytes = 0
        self.over = threading.Event()
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/peyk?x=1"

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.got) >= count, PATIENCE_S)

    def take(self, got: Got) -> int | str:
        """Keep a request; return how to behave."""
        with self._changed:
            self.got.append(got)
            self._changed.notify_all()
            return self.modes.pop(0) if len(self.modes) > 1 else self.modes[0]


class _Handler(BaseHTTPRequestHandler):
    """Misbehaves as its receiver says."""

    protocol_version = "HTTP/1.1"
    fake: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mode = self.fake.take(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        with contextlib.suppress(OSError):
            self._behave(mode)

    def _behave(self, mode: int | str) -> None:
        special = {"reset": self._reset, "slow": self._slow, "drip": self._drip, "huge": self._huge}
        if mode in special:
            special[str(mode)]()
        elif mode == "redirect":
            self._answer(307, "Location", f"http://127.0.0.1:{self.fake.port}/elsewhere")
        elif mode == 503:
            self._answer(503, "Retry-After", "600")
        else:
            self._answer(int(mode))

    def _reset(self) -> None:
        # Closing with nothing left to wait for sends a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _slow(self) -> None:
        self.fake.over.wait(PATIENCE_S)

    def _drip(self) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
            self.wfile.write(bytes([byte]))
            if self.fake.over.wait(0.05):
                return

    def _huge(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(HUGE))
        self.end_headers()
        while self.fake.sent_bytes < HUGE:
            self.fake.sent_bytes += self.wfile.write(b"x" * 65536)

    def _answer(self, status: int, *header: str) -> None:
        self.send_response(status)
        if header:
            self.send_header(*header)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return
