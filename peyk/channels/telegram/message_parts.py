"""The parts of a message that are more than text: contacts, files, the language of the sender's app. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeGuard

from peyk.text.language import Language
from peyk.text.mobiles import parse_mobile

# What a person sends and we cannot read; a message with none of these is the messenger's own.
NOT_UNDERSTOOD = (
    "sticker", "voice", "video_note", "video", "animation", "audio", "venue", "location", "poll", "dice", "story",
    "game", "paid_media", "checklist", "giveaway", "invoice",
)  # fmt: skip
PHOTO_TYPE = "image/jpeg"
MAX_NAME_CHARS = 300
# Of a photo's sizes the largest below this is evidence enough.
PHOTO_BYTES = 5 * 1024 * 1024
_MAX_ID = 2**63
# Digits with the country's code and nothing else. A national number (0912…) is refused: the server reads it by the
# sender's own country, so it could be another's number to us.
_INTERNATIONAL = re.compile(r"\+?(989\d{9}|(?!98)[1-9]\d{7,14})", re.ASCII)
# A contact that was not made by its owner's own app just now: passed on, or put together by another bot.
_SECOND_HAND = ("forward_origin", "forward_date", "forward_from", "forward_sender_name", "via_bot")
_MIME_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact: `mobile` in normal form where it can be read; `verified` when it is the sender's own, and proven."""

    mobile: str | None
    verified: bool


@dataclass(frozen=True, slots=True)
class File:
    """A file to fetch by `id`; `size` in bytes, `type` (MIME) and `name` are what the sender's app says, not proven."""

    id: str
    size: int | None
    type: str
    name: str = ""


def read_contact(message: dict[Any, Any], sender_id: int | None, *, edited: bool) -> Contact | None:
    """Return the contact of a message, or None where there is no number in it.

    The server fills in `contact.user_id` from the number and ignores what the client sends (tdlib/td#2575), so equal
    to the sender's id it proves the number; a missing one, or another's, proves nothing.
    """
    contact = message.get("contact")
    number = contact.get("phone_number") if isinstance(contact, dict) else None
    if not isinstance(contact, dict) or not isinstance(number, str):
        return None
    match = _INTERNATIONAL.fullmatch(number)
    mobile = parse_mobile(f"+{match[1]}") if match else None
    own = is_id(contact.get("user_id")) and contact["user_id"] == sender_id
    first_hand = not edited and not any(name in message for name in _SECOND_HAND)
    return Contact(mobile, verified=mobile is not None and own and first_hand)


def read_file(message: dict[Any, Any]) -> File | None:
    """Return the document of a message, or its photo in the largest size we take; None where neither can be read."""
    document, photos = message.get("document"), message.get("photo")
    if isinstance(document, dict):
        return _file(document, document.get("mime_type"))
    sizes = [size for size in photos if isinstance(size, dict)] if isinstance(photos, list) else []
    fitting = [size for size in sizes if not is_id(size.get("file_size")) or size["file_size"] <= PHOTO_BYTES]
    return _file(max(fitting or sizes, key=_pixels), PHOTO_TYPE) if sizes else None


def read_language(code: object) -> Language | None:
    """Return the language of an IETF tag ("fa", "en-US"), or None for one we do not speak."""
    if not isinstance(code, str):
        return None
    primary = code[:3].lower().partition("-")[0]
    return "fa" if primary == "fa" else "en" if primary == "en" else None


def is_id(value: object) -> TypeGuard[int]:
    """Tell a whole number that a database can keep; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and -_MAX_ID <= value < _MAX_ID


def _file(described: dict[Any, Any], declared: object) -> File | None:
    file_id, size = described.get("file_id"), described.get("file_size")
    if not isinstance(file_id, str) or not 0 < len(file_id) <= MAX_NAME_CHARS or not file_id.isprintable():
        return None
    mime_type = declared.lower() if isinstance(declared, str) and _MIME_TYPE.fullmatch(declared.lower()) else ""
    name = described.get("file_name")
    return File(
        file_id,
        size if is_id(size) and size >= 0 else None,
        mime_type,
        name[:MAX_NAME_CHARS] if isinstance(name, str) else "",
    )


def _pixels(size: dict[Any, Any]) -> int:
    width, height = size.get("width"), size.get("height")
    return width * height if is_id(width) and is_id(height) else 0
