"""How our Bot API server speaks HTTP: bodies in, answers out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl

# Parameters and results, as JSON has them.
Json = Any
# Fields that are text whatever they look like.
TEXTS = {"text", "parse_mode", "url", "secret_token", "callback_query_id", "file_id", "action"}
# What a bot may send (sendDocument), and some room round it.
MAX_BODY_BYTES = 51 * 1024 * 1024


@dataclass
class HttpAnswer:
    """What goes back for one request."""

    status: int
    content: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


AnswerTo = Callable[[str, str, bytes, str], HttpAnswer]


def json_answer(status: int, body: Json) -> HttpAnswer:
    """Return an answer in JSON."""
    return HttpAnswer(status, json.dumps(body).encode())


def error(status: int, description: str, **more: Json) -> HttpAnswer:
    """Return the API's answer to a call that failed."""
    return json_answer(status, {"ok": False, "error_code": status, "description": description, **more})


def params_of(body: bytes, content_type: str) -> dict[str, Json]:
    """Return a call's parameters, whichever way they were sent."""
    if content_type == "application/json":
        return dict(json.loads(body))
    if content_type.startswith("multipart/form-data"):
        return _parts_of(body, content_type)
    return {
        name: value if name in TEXTS else _value(value)
        for name, value in parse_qsl(body.decode(), keep_blank_values=True)
    }


def _parts_of(body: bytes, content_type: str) -> dict[str, Json]:
    """Return fields as in a form; a file is `(name, type, content)`."""
    found: dict[str, Json] = {}
    read = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    for part in read.iter_parts():
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        name = str(part.get_param("name", header="content-disposition"))
        file = part.get_filename()
        found[name] = (file, part.get_content_type(), content) if file else _value(content.decode())
    return found


def _value(text: str) -> Json:
    """Return a field of a form: numbers, True and objects are written as in JSON, all else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


class BotHandler(BaseHTTPRequestHandler):
    """Serves one connection; `answer_to` is what answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answer_to: AnswerTo

    def do_GET(self) -> None:
        """Serve a file or a call."""
        self._serve()

    def do_POST(self) -> None:
        """Serve a call."""
        self._serve()

    def reply(self, answer: HttpAnswer) -> None:
        """Write an answer."""
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(self.told_length(answer)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)
        self.wfile.flush()

    def told_length(self, answer: HttpAnswer) -> int:
        """Return how long the content is said to be."""
        return len(answer.content)

    def _serve(self) -> None:
        announced = self.headers.get("Content-Length", "0")
        if not announced.isdecimal() or int(announced[:18]) > MAX_BODY_BYTES:
            self.close_connection = True
            self.reply(error(413, "Request Entity Too Large"))
            return
        body = self.rfile.read(int(announced))
        answer = type(self).answer_to(self.command, self.path, body, self.headers.get("Content-Type", ""))
        try:
            self.reply(answer)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: an address has the token in it."""


def handler(answer_to: AnswerTo, base: type[BotHandler] = BotHandler) -> type[BotHandler]:
    """Return the class of a server's connections."""
    return type("Handler", (base,), {"answer_to": staticmethod(answer_to)})
