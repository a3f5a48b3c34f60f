"""A message as every channel hands it to the edge, and the reasons not to take one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peyk.domain.conversations import Utterance
from peyk.domain.files import StoredFile
from peyk.errors import PeykError

Says = Callable[[str], Utterance]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message: at most one of `text` and `token` (a tapped button) is set; files may come with or without a text.

    `channel` is the way it came by. `message_id` is a hash of the sender's id for the message. `address` is a keyed
    hash of the network address. `edge_says` is what the edge answers before the bot, in the language it is given;
    without `for_bot` the bot is not asked, and the text is what the journal says the customer did. `quiet` files are
    not acknowledged: another message says that they have come.
    """

    conversation_id: str
    channel: str
    text: str | None = None
    token: str | None = None
    message_id: str | None = None
    address: str = ""
    correlation_id: str = ""
    files: tuple[StoredFile, ...] = ()
    edge_says: tuple[Says, ...] = ()
    for_bot: bool = True
    quiet: bool = False

    @property
    def asks_bot(self) -> bool:
        """Whether there is something for the bot to answer."""
        return self.for_bot and (self.text is not None or self.token is not None)


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
