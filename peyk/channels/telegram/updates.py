"""From an update of the Bot API to what it means for us. Pure, and it never raises, whatever arrives.

Shapes: core.telegram.org/bots/api, "Update", "Message", "CallbackQuery", "Contact". Only private chats are served: in a
group everybody would read the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

from peyk.channels.incoming import clean
from peyk.channels.telegram.message_parts import (
    NOT_UNDERSTOOD,
    Contact,
    File,
    is_id,
    read_contact,
    read_file,
    read_language,
)
from peyk.text.isolate import without_isolation
from peyk.text.language import Language

# callback_data is 1-64 bytes (InlineKeyboardButton).
MAX_TOKEN_BYTES = 64
MAX_ID_CHARS = 200
_MESSAGES = {"message": False, "edited_message": True, "channel_post": False, "edited_channel_post": True}
# A tuple: what arrives may be a list, which no set can be asked for.
_SHARED_CHATS = ("group", "supergroup", "channel")
_COMMAND = re.compile(r"/(start|help|language)(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL | re.ASCII)
# What a link t.me/<bot>?start=<payload> may carry (core.telegram.org/bots/features, "Deep Linking").
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_TRACK = "track_"


class Kind(StrEnum):
    """What an update is."""

    TEXT = "text"
    CALLBACK = "callback"
    CONTACT = "contact"
    FILE = "file"
    START = "start"
    HELP = "help"
    LANGUAGE = "language"
    SHARED_CHAT = "shared_chat"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Update:
    """One update that can be answered. Which fields say something depends on `kind`.

    TEXT: `text` (clean; may be empty, its length is not judged). CALLBACK: `token` (1 to 64 bytes, not judged) and
    `message_id` of the message with the buttons. CONTACT: `contact`. FILE: `file`, and its caption as `text`. START:
    `payload`. SHARED_CHAT: a group or channel, whatever was said there. NOT_UNDERSTOOD: `content` ("sticker", "voice"),
    and a caption as `text`. `album` is the same for files that were sent together.
    `callback_id` is there whenever a tapped button waits for its sign. `language` is that of the sender's app.
    """

    update_id: int
    kind: Kind
    chat_id: int
    sender_id: int | None = None
    message_id: int | None = None
    language: Language | None = None
    text: str = ""
    token: str = ""
    callback_id: str = ""
    contact: Contact | None = None
    file: File | None = None
    payload: str = ""
    content: str = ""
    album: str = ""
    edited: bool = False

    @property
    def tracked_order(self) -> str | None:
        """The order number of a link `?start=track_TS-104233`, as the link has it, else None."""
        return self.payload.removeprefix(_TRACK) or None if self.payload.startswith(_TRACK) else None


@dataclass(frozen=True, slots=True)
class Unusable:
    """An update nobody can be answered for; `reason` is a word for the log. It counts as received all the same."""

    reason: str
    update_id: int | None = None


def parse(raw: object) -> Update | Unusable:
    """Return what an update means, or why it is of no use."""
    if not isinstance(raw, dict):
        return Unusable("not_an_object")
    update_id = raw.get("update_id")
    if not is_id(update_id):
        return Unusable("no_update_id")
    if "callback_query" in raw:
        return _callback(update_id, raw["callback_query"])
    for name, edited in _MESSAGES.items():
        if name in raw:
            return _message(update_id, raw[name], edited=edited)
    return Unusable("other_update", update_id)


def _callback(update_id: int, query: object) -> Update | Unusable:
    if not isinstance(query, dict):
        return Unusable("bad_callback", update_id)
    callback_id, token = query.get("id"), query.get("data")
    if not isinstance(callback_id, str) or not 0 < len(callback_id) <= MAX_ID_CHARS or not callback_id.isprintable():
        return Unusable("bad_callback", update_id)
    basis = _basis(update_id, query.get("message"), query.get("from"))
    if isinstance(basis, Unusable):
        return basis
    if basis["kind"] is Kind.SHARED_CHAT:
        return Update(**basis, callback_id=callback_id)
    if not _is_token(token):
        return Unusable("bad_token", update_id)
    return Update(**basis | {"kind": Kind.CALLBACK}, token=token, callback_id=callback_id)


def _message(update_id: int, message: object, *, edited: bool) -> Update | Unusable:
    sender = message.get("from") if isinstance(message, dict) else None
    basis = _basis(update_id, message, sender)
    if isinstance(basis, Unusable) or not isinstance(message, dict):
        return basis if isinstance(basis, Unusable) else Unusable("bad_message", update_id)
    basis["edited"] = edited
    if basis["kind"] is Kind.SHARED_CHAT:
        return Update(**basis)
    return _content(basis, message)


def _content(basis: dict[str, Any], message: dict[Any, Any]) -> Update | Unusable:
    update_id = basis["update_id"]
    if isinstance(message.get("text"), str):
        return _text(basis, _clean(message["text"]))
    if "contact" in message:
        contact = read_contact(message, basis["sender_id"], edited=basis["edited"])
        return (
            Update(**basis | {"kind": Kind.CONTACT}, contact=contact) if contact else Unusable("bad_contact", update_id)
        )
    for content in NOT_UNDERSTOOD:
        # Before files: an animation comes with a document, for clients that know no animations.
        if content in message:
            return Update(**basis | {"kind": Kind.NOT_UNDERSTOOD}, content=content, text=_caption(message))
    if "photo" in message or "document" in message:
        file, album = read_file(message), message.get("media_group_id")
        if file is None:
            return Unusable("bad_file", update_id)
        return Update(
            **basis | {"kind": Kind.FILE},
            file=file,
            text=_caption(message),
            album=album[:MAX_ID_CHARS] if isinstance(album, str) else "",
        )
    # What the messenger itself reports in a chat: a pinned message, a new timer.
    return Unusable("nothing_said", update_id)


def _caption(message: dict[Any, Any]) -> str:
    caption = message.get("caption")
    return _clean(caption) if isinstance(caption, str) else ""


def _text(basis: dict[str, Any], text: str) -> Update:
    command = _COMMAND.fullmatch(text)
    if command is None:
        return Update(**basis, text=text)
    kind = Kind(command[1].lower())
    rest = (command[2] or "").strip()
    payload = rest if kind is Kind.START and _PAYLOAD.fullmatch(rest) else ""
    return Update(**basis | {"kind": kind}, payload=payload)


def _basis(update_id: int, message: object, sender: object) -> dict[str, Any] | Unusable:
    """Return what every update has: where it came from and from whom."""
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(chat, dict) or not is_id(chat.get("id")):
        return Unusable("no_chat", update_id)
    sender = sender if isinstance(sender, dict) else {}
    sender_id, message_id = sender.get("id"), message.get("message_id")
    found = {
        "update_id": update_id,
        "kind": Kind.TEXT,
        "chat_id": chat["id"],
        "sender_id": sender_id if is_id(sender_id) else None,
        "message_id": message_id if is_id(message_id) else None,
        "language": read_language(sender.get("language_code")),
    }
    if chat.get("type") in _SHARED_CHATS:
        return found | {"kind": Kind.SHARED_CHAT}
    # A private chat has the id of its customer; whatever else it says it is, nothing may be told there.
    if chat.get("type") != "private" or found["sender_id"] != chat["id"] or sender.get("is_bot") is True:
        return Unusable("not_private", update_id)
    return found


def _clean(text: str) -> str:
    return clean(without_isolation(text))


def _is_token(value: object) -> TypeGuard[str]:
    if not isinstance(value, str) or not value.isprintable():
        return False
    return 0 < len(value.encode("utf-8", "replace")) <= MAX_TOKEN_BYTES
