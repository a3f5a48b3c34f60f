"""A help desk's API on a real socket: who may ask, what was asked, and faults on command.

Slow answers wait until they are let go, so no test sleeps.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = Any
PATIENCE_S = 20


class Fault(StrEnum):
    """What may go wrong with a call."""

    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    HTML = "html"
    REDIRECT = "redirect"
    SLOW = "slow"
    RESET = "reset"
    CUT_OFF = "cut_off"
    TRUNCATED = "truncated"
    HUGE = "huge"
    WRONG_TYPES = "wrong_types"
    MISSING_FIELDS = "missing_fields"


@dataclass
class Trouble:
    fault: Fault
    method: str | None
    part: str
    times: int
    retry_after: str | None
    # What was asked for is done all the same.
    done: bool


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: Json = field(repr=False)


@dataclass
class Answer:
    status: int
    body: Json = None
    raw: bytes | None = None
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False
    cut_off: bool = False

    @property
    def content(self) -> bytes:
        return self.raw if self.raw is not None else json.dumps(self.body).encode()


class FakeDesk:
    """What both desks share; a desk's own `handle` answers a call that may be made."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.calls: list[Call] = []
        self.unauthorised = 0
        self._troubles: list[Trouble] = []
        self._lock = threading.RLock()
        self._go = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Any:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    def fail(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        part: str = "",
        times: int = 1,
        retry_after: str | None = None,
        done: bool = False,
    ) -> None:
        """Have the next calls of a method, with `part` in their path, go wrong."""
        if fault is Fault.SLOW:
            self._go.clear()
        self._troubles.append(Trouble(fault, method, part, times, retry_after, done))

    def mend(self) -> None:
        self._troubles.clear()

    def let_go(self) -> None:
        self._go.set()

    def made(self, method: str, part: str = "") -> list[Call]:
        return [call for call in self.calls if call.method == method and part in call.path]

    def authorised(self, headers: Any) -> bool:
        raise NotImplementedError

    def handle(self, call: Call) -> Answer:
        raise NotImplementedError

    def answer_to(self, method: str, target: str, body: bytes, headers: Any) -> Answer:
        address = urlsplit(target)
        with self._lock:
            if not self.authorised(headers):
                self.unauthorised += 1
                return Answer(401, {"error": "Invalid Access Token"})
            call = Call(method, address.path, dict(parse_qsl(address.query)), json.loads(body) if body else None)
            self.calls.append(call)
            trouble = self._trouble(call)
            if trouble is None:
                return self.handle(call)
            good = self.handle(call) if _answered(trouble) else Answer(200, {})
        if trouble.fault is Fault.SLOW:
            self._go.wait(PATIENCE_S)
        return _broken(trouble, good, self.token)

    def _trouble(self, call: Call) -> Trouble | None:
        for trouble in self._troubles:
            if trouble.times and trouble.method in {None, call.method} and trouble.part in call.path:
                trouble.times -= 1
                return trouble
        return None


def _answered(trouble: Trouble) -> bool:
    return trouble.done or trouble.fault in {Fault.WRONG_TYPES, Fault.MISSING_FIELDS}


def _broken(trouble: Trouble, good: Answer, token: str) -> Answer:
    # Error pages of proxies quote what they were asked.
    page = f"<html><body>nginx: token={token} failed</body></html>".encode()
    headers = {"Retry-After": trouble.retry_after} if trouble.retry_after else {}
    begun = b'{"id": ' + b" " * 4096
    answers = {
        Fault.RATE_LIMITED: Answer(429, {"error": "Retry later"}, headers=headers),
        Fault.SERVER_ERROR: Answer(500, {"error": "internal"}),
        Fault.BAD_GATEWAY: Answer(502, raw=page, content_type="text/html"),
        Fault.HTML: Answer(200, raw=page, content_type="text/html"),
        Fault.REDIRECT: Answer(302, raw=b"", headers={"Location": "http://127.0.0.1:1/elsewhere"}),
        Fault.RESET: Answer(200, raw=begun, reset=True),
        Fault.CUT_OFF: Answer(200, raw=begun, cut_off=True),
        Fault.TRUNCATED: Answer(200, raw=b'{"id": 1, "payload": ['),
        Fault.HUGE: Answer(200, raw=b'"' + b"x" * 3_000_000 + b'"'),
        Fault.WRONG_TYPES: Answer(good.status, _changed(good.body, lambda value: {"was": value})),
        Fault.MISSING_FIELDS: Answer(good.status, _changed(good.body, None)),
    }
    return answers.get(trouble.fault, good)


def _changed(body: Json, change: Any) -> Json:
    """What every answer is read by, of another type or left out."""
    if isinstance(body, list):
        return [_changed(each, change) for each in body]
    if not isinstance(body, dict):
        return body
    kept = {}
    for name, value in body.items():
        if name in {"id", "payload", "status", "state", "subject"}:
            if change is not None:
                kept[name] = change(value)
        else:
            kept[name] = value
    return kept


def _handler(desk: FakeDesk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = desk.answer_to(self.command, self.path, body, self.headers)
            try:
                self._reply(answer)
            except OSError:
                self.close_connection = True

        def _reply(self, answer: Answer) -> None:
            broken = answer.reset or answer.cut_off
            content = answer.content
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(content) * (2 if broken else 1)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()
            if answer.reset:
                # No time to linger: the kernel sends a reset in the place of an orderly end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if broken:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

        do_POST = do_PUT = do_GET  # noqa: N815

    return Handler
