"""The REST channel, in the shape of Rasa's own: `{"sender", "message", "message_id"?}` → a list of messages.

A sender belongs to the API key it came with: two keys never share a conversation, whatever senders they name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from pydantic import SecretStr

from peyk.channels.incoming import Refused, clean, is_blank
from peyk.channels.outgoing import as_message
from peyk.domain.conversations import Entry, Utterance

CHANNEL = "rest"
DEMO_OWNER = "demo"
MAX_NAME_CHARS = 200
# A string of RFC 8941, or the same without quotes; as in peyk/web/api/openapi.yml.
KEY = re.compile(r'"((?:[!#-\[\]-~]|\\["\\]){1,200})"|([!#-+\--:<-~]{1,200})', re.ASCII)
TOKEN = re.compile(r"b:[A-Za-z0-9_-]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RestMessage:
    """A body that was understood; `text` is clean, its length and content are not judged yet."""

    sender: str
    text: str
    message_id: str | None

    @property
    def token(self) -> str | None:
        """The button token the message consists of, or None for typed text."""
        return self.text if TOKEN.fullmatch(self.text) else None

    @property
    def blank(self) -> bool:
        """Whether there is nothing to see in the text."""
        return is_blank(self.text)


def parse(body: bytes) -> RestMessage:
    """Read a request body. Raises Refused with 400 for what is not JSON, 422 for wrong fields."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("bad_json", 400) from None
    if not isinstance(data, dict):
        raise Refused("bad_fields", 422)
    sender, message, message_id = data.get("sender"), data.get("message"), data.get("message_id")
    if not is_name(sender) or not isinstance(message, str):
        raise Refused("bad_fields", 422)
    if message_id is None:
        return RestMessage(sender, clean(message), None)
    if not is_name(message_id):
        raise Refused("bad_fields", 422)
    return RestMessage(sender, clean(message), message_id)


def idempotency_key(header: str | None) -> str | None:
    """Read an `Idempotency-Key`: a string of RFC 8941 ("8e03…", in quotes), or the same without quotes.

    Raises Refused with 400 for what is neither.
    """
    if header is None:
        return None
    read = KEY.fullmatch(header.strip())
    if read is None:
        raise Refused("bad_key", 400)
    return read[2] or re.sub(r"\\(.)", r"\1", read[1])


def with_key(message: RestMessage, key: str | None) -> RestMessage:
    """Return the message with its idempotency key as its id. Raises Refused (422) when it has another one."""
    if key is None or key == message.message_id:
        return message
    if message.message_id is not None:
        raise Refused("ids_differ", 422)
    return replace(message, message_id=key)


def fingerprint(secret_key: SecretStr, message: RestMessage) -> str:
    """Return what tells messages apart that came with the same idempotency key."""
    content = b"message\0" + json.dumps([message.sender, message.text]).encode()
    return hmac.new(secret_key.get_secret_value().encode(), content, hashlib.sha256).hexdigest()


def conversation_id(secret_key: SecretStr, owner: str, sender: str) -> str:
    """Return the id of the conversation of `sender`, who came with the key of `owner` ("demo" in demo mode)."""
    key = secret_key.get_secret_value().encode()
    name = b"conversation\0" + json.dumps([owner, sender]).encode()
    return "r-" + hmac.new(key, name, hashlib.sha256).hexdigest()[:40]


def hashed_message_id(message_id: str) -> str:
    """Return what is kept of a message id: always short, never what a client wrote."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:40]


def render(recipient: str, utterances: Sequence[Utterance]) -> str:
    """Return the answer's JSON body: each message with `recipient_id`, as Rasa's REST channel has it."""
    return json.dumps([{"recipient_id": recipient, **as_message(said)} for said in utterances], ensure_ascii=False)


def as_entry(entry: Entry, link: Callable[[str], str] | None = None) -> dict[str, Any]:
    """Return an entry of the journal as programs get it; `link` gives the path that opens a file for a while."""
    shown = {"seq": entry.seq, "author": entry.author.value, "at": entry.at.isoformat(), **as_message(entry)}
    files = entry.custom.get("files")
    if link is not None and isinstance(files, list):
        linked = [{**file, "url": link(str(file["id"]))} for file in files if isinstance(file, dict) and "id" in file]
        shown["custom"] = {**shown["custom"], "files": linked}
    return shown


def is_name(value: object) -> TypeGuard[str]:
    """Tell whether a value may be the name of a sender or of a message."""
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME_CHARS and bool(value.strip()) and _encodable(value)


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
