"""What a browser sends, read and judged: whatever it is, it becomes a frame or a refusal, never an error.

Refused
└── BadFrame    unreadable, with the client's id of the message where that could be read
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeGuard

from peyk.channels.incoming import Refused, clean, is_blank
from peyk.channels.rest import MAX_NAME_CHARS, TOKEN

LANGUAGES = ("fa", "en")
MAX_PENDING = 50
MAX_FILES = 5
MAX_SEQ = 2**31 - 1


class BadFrame(Refused):
    """A frame nobody can read; `message_id` is the client's id of the message, if it has one."""

    def __init__(self, message_id: str | None = None) -> None:
        super().__init__("bad_frame", 400)
        self.message_id = message_id


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame: the session, what has been seen of it, and messages not known to have arrived."""

    token: str | None = None
    after: int = 0
    language: str | None = None
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's message: text, a tapped button's token, or files (perhaps with a text)."""

    id: str
    text: str | None = None
    token: str | None = None
    files: tuple[str, ...] = ()

    def judge(self, max_chars: int) -> None:
        """Raise Refused for a text that is empty or too long."""
        if self.text is None:
            return
        if is_blank(self.text):
            raise Refused("blank", 422)
        if len(self.text) > max_chars:
            raise Refused("too_long", 413, limit=max_chars)


@dataclass(frozen=True, slots=True)
class Ping:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Typing:
    """The customer is writing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The customer has seen everything up to `seq`."""

    seq: int


Frame = Hello | Said | Ping | Typing | Seen


def parse(raw: str | bytes) -> Frame:
    """Read a frame of the socket. Raises BadFrame."""
    data = _object(raw)
    match data.get("type"):
        case "hello":
            return read_hello(data)
        case "message":
            return read_message(data)
        case "seen":
            return Seen(read_seq(data.get("seq")))
        case "ping":
            return Ping()
        case "typing":
            return Typing()
    raise BadFrame


def parse_message(raw: bytes) -> Said:
    """Read the body of `POST /chat/messages`. Raises BadFrame."""
    return read_message(_object(raw))


def parse_hello(raw: bytes) -> Hello:
    """Read the body of `POST /chat/session`, which may be empty. Raises BadFrame."""
    return read_hello(_object(raw or b"{}"))


def read_hello(data: dict[str, Any]) -> Hello:
    """Read what opens a session. Raises BadFrame; a token that is no text is no token."""
    token, language, pending = data.get("token"), data.get("language"), data.get("pending") or []
    if not isinstance(pending, list) or len(pending) > MAX_PENDING or not all(_is_id(each) for each in pending):
        raise BadFrame
    return Hello(
        token if isinstance(token, str) else None,
        read_seq(data.get("after") or 0),
        language if language in LANGUAGES else None,
        tuple(pending),
    )


def read_message(data: dict[str, Any]) -> Said:
    """Read a customer's message: its text cleaned, nothing judged yet. Raises BadFrame."""
    message_id, text, token, files = (data.get(name) for name in ("id", "text", "token", "files"))
    if not _is_id(message_id):
        raise BadFrame
    if token is not None:
        if not isinstance(token, str) or not TOKEN.fullmatch(token) or text is not None or files is not None:
            raise BadFrame(message_id)
        return Said(message_id, token=token)
    if text is not None and not isinstance(text, str):
        raise BadFrame(message_id)
    if files:
        if not isinstance(files, list) or len(files) > MAX_FILES or not all(_is_id(each) for each in files):
            raise BadFrame(message_id)
        return Said(message_id, clean(text or "") or None, files=tuple(files))
    if text is None:
        raise BadFrame(message_id)
    return Said(message_id, clean(text))


def read_seq(value: object) -> int:
    """Read a place in the conversation. Raises BadFrame."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_SEQ)):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SEQ:
        raise BadFrame
    return value


def _object(raw: str | bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadFrame from None
    if not isinstance(data, dict):
        raise BadFrame
    return data


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME_CHARS and value.isprintable() and bool(value.strip())
