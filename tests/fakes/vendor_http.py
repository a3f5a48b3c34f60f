"""A vendor's API on a real socket: who may ask, what was asked, and faults on command.

Slow answers wait until they are let go, so no test sleeps. A server that runs for people (`peyk demo --vendor`) takes
its faults at `/_fault`: GET tells which there are, POST `{"fault": "slow"}` switches one on, DELETE mends.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from email.utils import formatdate
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Json = Any
PATIENCE_S = 20
FAULTS = "/_fault"
# Until it is mended.
ALWAYS = 10**9


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
    EMPTY = "empty"
    # The vendor's own way of saying no inside a 200.
    ERROR_BODY = "error_body"
    # The API is not there (any more), and whoever answers in its place speaks JSON.
    NO_ROUTE = "no_route"
    # Bytes of another encoding than was announced.
    ENCODING = "encoding"
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
    """What was asked; `query` has the last of repeated parameters, `queries` all."""

    method: str
    path: str
    query: dict[str, str]
    raw: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    queries: tuple[tuple[str, str], ...] = ()
    # As it was sent.
    asked: str = field(default="", repr=False)

    @property
    def body(self) -> Json:
        """The JSON that was sent, None for no body."""
        return json.loads(self.raw) if self.raw else None

    @property
    def form(self) -> dict[str, str]:
        """The fields of an urlencoded body, or of multipart/form-data."""
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/"):
            message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + self.raw, policy=HTTP)
            return {
                str(part.get_param("name", header="content-disposition")): _text_of(part)
                for part in message.iter_parts()
            }
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))


def _text_of(part: Any) -> str:
    # Clients do not say in which encoding a field is; it is the one of their page.
    return bytes(part.get_payload(decode=True)).decode()


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


class FakeVendor:
    """What all share; a vendor's own `refusal` says who may not ask, its `handle` answers everybody else.

    `secrets` are what error pages quote, `essential` the names of fields that faults change or leave out, and
    `error_body` is how the vendor says no inside a 200, `no_route` what a 404 for a wrong address says.
    """

    essential: frozenset[str] = frozenset()
    error_body: Json = {"error": "internal"}  # noqa: RUF012  (never changed)
    no_route: Json = {"error": "Not Found"}  # noqa: RUF012
    methods = ("GET", "POST", "PUT", "DELETE")

    def __init__(self, *secrets: str) -> None:
        self.secrets = secrets
        self.calls: list[Call] = []
        self.unauthorised = 0
        # How far the vendor's clock is ahead of ours.
        self.clock_ahead_s = 0
        # Done before each answer: who has data of somebody else's looks for news.
        self.before: Callable[[], None] = lambda: None
        self._troubles: list[Trouble] = []
        self._lock = threading.RLock()
        self._go = threading.Event()
        self._server = self._listening(0)

    def at(self, port: int) -> None:
        """Listen at this port instead of a free one; before the `with`."""
        self._server.server_close()
        self._server = self._listening(port)

    def _listening(self, port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        server.daemon_threads = True
        return server

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

    def refusal(self, call: Call) -> Answer | None:
        """Return the refusal of a caller without the right credential."""
        raise NotImplementedError

    def handle(self, call: Call) -> Answer:
        raise NotImplementedError

    def answer_to(self, method: str, target: str, body: bytes, headers: Any) -> Answer:
        address = urlsplit(target)
        if address.path == FAULTS:
            return self._commanded(method, body)
        queries = tuple(parse_qsl(address.query, keep_blank_values=True))
        with self._lock:
            call = Call(method, unquote(address.path), dict(queries), body, headers, queries, address.query)
            refused = self.refusal(call)
            if refused is not None:
                self.unauthorised += 1
                return refused
            self.calls.append(call)
            self.before()
            trouble = self._trouble(call)
            if trouble is None:
                return self.handle(call)
            good = self.handle(call) if _answered(trouble) else Answer(200, {})
        if trouble.fault is Fault.SLOW:
            self._go.wait(PATIENCE_S)
        return self._broken(trouble, good)

    def _commanded(self, method: str, body: bytes) -> Answer:
        """Do what a person asks at `/_fault`, and tell how it stands."""
        with self._lock:
            if method == "DELETE":
                self.mend()
                self.let_go()
            elif method == "POST":
                try:
                    asked = json.loads(body)
                    self._break(**asked)
                except (TypeError, ValueError) as exc:
                    return Answer(400, {"error": f'{exc}: say {{"fault": "slow"}}', "faults": list(Fault)})
            on = [trouble.fault for trouble in self._troubles if trouble.times]
            return Answer(200, {"on": on, "faults": list(Fault)})

    def _break(self, fault: str, times: int = ALWAYS, part: str = "", retry_after: str | None = None) -> None:
        # The last one counts alone.
        kind = Fault(fault)
        self.mend()
        self.fail(kind, times=int(times), part=part, retry_after=retry_after)

    def _trouble(self, call: Call) -> Trouble | None:
        for trouble in self._troubles:
            if trouble.times and trouble.method in {None, call.method} and trouble.part in call.path:
                trouble.times -= 1
                return trouble
        return None

    def _broken(self, trouble: Trouble, good: Answer) -> Answer:
        # Error pages of proxies quote what they were asked.
        page = f"<html><body>nginx: token={' '.join(self.secrets)} failed</body></html>".encode()
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
            Fault.EMPTY: Answer(200, raw=b""),
            Fault.ERROR_BODY: Answer(200, self.error_body),
            Fault.NO_ROUTE: Answer(404, self.no_route),
            Fault.ENCODING: Answer(200, raw="\u067e\u06cc\u06a9".encode("utf-16")),
            Fault.WRONG_TYPES: Answer(good.status, _changed(good.body, self.essential, lambda value: {"was": value})),
            Fault.MISSING_FIELDS: Answer(good.status, _changed(good.body, self.essential, None)),
        }
        return answers.get(trouble.fault, good)


class FakeDesk(FakeVendor):
    """What the help desks share: a token that may change."""

    essential = frozenset({"id", "payload", "status", "state", "subject"})

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.token = token

    def authorised(self, headers: Any) -> bool:
        raise NotImplementedError

    def refusal(self, call: Call) -> Answer | None:
        return None if self.authorised(call.headers) else Answer(401, {"error": "Invalid Access Token"})


def _answered(trouble: Trouble) -> bool:
    return trouble.done or trouble.fault in {Fault.WRONG_TYPES, Fault.MISSING_FIELDS}


def _changed(body: Json, essential: Collection[str], change: Any) -> Json:
    """What every answer is read by, of another type or left out."""
    if isinstance(body, list):
        return [_changed(each, essential, change) for each in body]
    if not isinstance(body, dict):
        return body
    kept = {}
    for name, value in body.items():
        if name not in essential:
            kept[name] = _changed(value, essential, change)
        elif change is not None:
            kept[name] = change(value)
    return kept


def _handler(vendor: FakeVendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = vendor.answer_to(self.command, self.path, body, self.headers)
            try:
                self._reply(answer)
            except OSError:
                self.close_connection = True

        def _reply(self, answer: Answer) -> None:
            broken = answer.reset or answer.cut_off
            content = answer.content
            self.send_response_only(answer.status)
            self.send_header("Date", formatdate(time.time() + vendor.clock_ahead_s, usegmt=True))
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

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    return Handler
