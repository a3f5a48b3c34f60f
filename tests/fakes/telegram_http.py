"""How the local Bot API server speaks HTTP: bodies in, answers and broken answers out."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl

Json = Any
# Fields that are text whatever they look like.
TEXTS = {"text", "parse_mode", "url", "secret_token", "callback_query_id", "file_id", "action"}


class Fault(StrEnum):
    """What may go wrong with a call."""

    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    SERVER_ERROR = "server_error"
    HTML = "html"
    SLOW = "slow"
    RESET = "reset"
    CUT_OFF = "cut_off"
    CONFLICT = "conflict"


@dataclass
class Trouble:
    fault: Fault
    method: str | None
    times: int
    retry_after: int | None
    status: int


@dataclass
class HttpAnswer:
    status: int
    content: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut_off: bool = False
    reset: bool = False


def faulty(trouble: Trouble, token: str) -> HttpAnswer:
    # Error pages of proxies quote the address they were asked for.
    page = f"<html><body>nginx: /bot{token}/ failed</body></html>".encode()
    match trouble.fault:
        case Fault.RATE_LIMITED:
            parameters = {"parameters": {"retry_after": trouble.retry_after}} if trouble.retry_after is not None else {}
            return error(429, f"Too Many Requests: retry after {trouble.retry_after}", **parameters)
        case Fault.BLOCKED:
            return error(403, "Forbidden: bot was blocked by the user")
        case Fault.CONFLICT:
            return error(409, "Conflict: terminated by other getUpdates request")
        case Fault.SERVER_ERROR:
            return error(trouble.status, f"Internal Server Error at /bot{token}/")
        case Fault.HTML:
            return HttpAnswer(trouble.status, page, "text/html", {"Retry-After": "7"} if trouble.status == 429 else {})
        case Fault.RESET:
            return HttpAnswer(200, b'{"ok": true, "result": ' + b" " * 4096, reset=True)
        case _:
            return HttpAnswer(200, b'{"ok": true, "result": ' + b" " * 4096, cut_off=True)


def json_answer(status: int, body: Json) -> HttpAnswer:
    return HttpAnswer(status, json.dumps(body).encode())


def error(status: int, description: str, **more: Json) -> HttpAnswer:
    return json_answer(status, {"ok": False, "error_code": status, "description": description, **more})


def params_of(body: bytes, content_type: str) -> dict[str, Json]:
    if content_type == "application/json":
        return dict(json.loads(body))
    if content_type.startswith("multipart/form-data"):
        return _parts_of(body, content_type)
    return {
        name: value if name in TEXTS else _value(value)
        for name, value in parse_qsl(body.decode(), keep_blank_values=True)
    }


def _parts_of(body: bytes, content_type: str) -> dict[str, Json]:
    """Fields as in a form; a file is `(name, type, content)`."""
    found: dict[str, Json] = {}
    read = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    for part in read.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        name = str(part.get_param("name", header="content-disposition"))
        file = part.get_filename()
        found[name] = (file, part.get_content_type(), content) if file else _value(content.decode())
    return found


def _value(text: str) -> Json:
    """A field of a form: numbers, True and objects are written as in JSON, all else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def handler(answer_to: Callable[[str, str, bytes, str], HttpAnswer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = answer_to(self.command, self.path, body, self.headers.get("Content-Type", ""))
            try:
                self._reply(answer)
            except OSError:
                self.close_connection = True

        def _reply(self, answer: HttpAnswer) -> None:
            broken = answer.reset or answer.cut_off
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.content) * (2 if broken else 1)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)
            self.wfile.flush()
            if answer.reset:
                # No time to linger: the kernel sends a reset in the place of an orderly end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if broken:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    return Handler
