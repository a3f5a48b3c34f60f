"""The simplest ends of an HTTP connection: a server with one answer, and a webhook that keeps what it gets."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fakes.telegram import SECRET_HEADER


class answering:  # noqa: N801 - reads as what it does
    """A server that gives the same answer to everything."""

    def __init__(self, content: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    return

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class listening:  # noqa: N801 - reads as what it does
    """A webhook: its address, and the (secret, update) pairs that arrived."""

    def __init__(self) -> None:
        arrived: list[tuple[str | None, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                arrived.append((self.headers.get(SECRET_HEADER), json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._arrived = arrived
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> tuple[str, list[tuple[str | None, Any]]]:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}/telegram", self._arrived

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
