"""A message as every channel hands it to the edge, and the reasons not to take one."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peyk.errors import PeykError


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message: one of `text`, `token` (a tapped button) and `custom` (files, as in the journal) is set.

    Files may have a text beside them. `channel` is the way it came by. `message_id` is a hash of the sender's id for
    the message. `address` is a keyed hash of the network address.
    """

    conversation_id: str
    channel: str
    text: str | None = None
    token: str | None = None
    message_id: str | None = None
    address: str = ""
    correlation_id: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)


class Refused(PeykError):
    """A message that is not passed on: `code` names the sentence `edge_<code>`, `status` the HTTP status."""

    def __init__(self, code: str, status: int, *, retry_after_s: int = 0, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after_s = retry_after_s
        self.values = values


def clean(message: str) -> str:
    """Return typed text fit to be sent on and stored, without blanks round it."""
    # Lone surrogates cannot be sent on, NUL cannot be stored in PostgreSQL.
    text = message.encode("utf-8", "replace").decode()
    return "".join(" " if unicodedata.category(c) == "Cc" and c not in "\n\t" else c for c in text).strip()


def is_blank(text: str) -> bool:
    """Tell whether there is nothing to see in a text."""
    return all(character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Mn"} for character in text)
