"""From the bot's messages (`{"text", "buttons", "custom"}`, docs/rest.md) to bodies of sendMessage. Pure.

Limits: core.telegram.org/bots/api, sendMessage, "Formatting options", InlineKeyboardButton. A body has no `chat_id`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from html import escape
from typing import Any

import structlog

from peyk.channels.incoming import clean
from peyk.channels.telegram.card import order_card
from peyk.channels.telegram.split import split, utf16_units
from peyk.channels.telegram.updates import MAX_TOKEN_BYTES
from peyk.i18n import text
from peyk.text.isolate import isolate

log = structlog.get_logger(__name__)

# The API allows 4,096 after its entities are read; what is sent is kept below that before.
MAX_UNITS = 4096
MAX_BUTTONS = 100
MAX_IN_ROW = 5
# What a narrow telephone shows in one row, each button with room round its title; all of a row are equally wide.
ROW_WIDTH = 34
BUTTON_MARGIN = 3

Body = dict[str, Any]


class Notice(StrEnum):
    """What the channel says itself; each has its sentence `telegram.notice_<value>`."""

    ASK_AGAIN = "ask_again"
    CANNOT_OPEN = "cannot_open"
    CONTACT_NOT_OWN = "contact_not_own"
    NOT_UNDERSTOOD = "not_understood"
    SHARED_CHAT = "shared_chat"


def render(messages: Sequence[Mapping[str, Any]], language: str, *, ask_contact: bool = False) -> list[Body]:
    """Return the bodies for an answer, in the order they are to be sent.

    The buttons of a message are under its last body, its order card below its words. `ask_contact` adds a body whose
    keyboard sends the customer's own number; it works in private chats only.
    """
    bodies = []
    for message in messages:
        bodies += _bodies(message, language)
    if ask_contact:
        bodies.append(_body(_shown(text("telegram.ask_contact", language)), _contact_keyboard(language)))
    return bodies


def without_keyboard(bodies: Sequence[Body], language: str) -> list[Body]:
    """Return bodies of which the first takes the contact keyboard away after its use; one more where it has buttons."""
    off: Body = {"remove_keyboard": True}
    if bodies and "reply_markup" not in bodies[0]:
        return [{**bodies[0], "reply_markup": off}, *bodies[1:]]
    return [_body(_shown(text("telegram.contact_received", language)), off), *bodies]


def words_of(kind: Notice, language: str) -> str:
    """Return one of the channel's own sentences."""
    return text(f"telegram.notice_{kind.value}", language)


def notice(kind: Notice, language: str) -> Body:
    """Return the body of one of the channel's own sentences."""
    return _body(_shown(words_of(kind, language)))


def inline_keyboard(buttons: Sequence[Mapping[str, Any]]) -> Body | None:
    """Return the keyboard for buttons, as many in a row as their titles allow, or None where none is usable.

    A button the API would refuse (no title, no payload of 1 to 64 bytes) is left out: it would take the whole message
    with it.
    """
    usable = [button for button in buttons if _is_usable(button)]
    if len(usable) < len(buttons):
        log.warning("telegram.buttons_left_out", count=len(buttons) - len(usable))
    rows: list[list[Mapping[str, Any]]] = []
    for button in usable[:MAX_BUTTONS]:
        if rows and _fits_in_row([*rows[-1], button]):
            rows[-1].append(button)
        else:
            rows.append([button])
    shown = [[{"text": isolate(clean(b["title"])), "callback_data": b["payload"]} for b in row] for row in rows]
    return {"inline_keyboard": shown} if shown else None


def _bodies(message: Mapping[str, Any], language: str) -> list[Body]:
    words, custom = message.get("text"), message.get("custom")
    order = custom.get("order") if isinstance(custom, Mapping) else None
    parts = [_shown(part) for part in split(clean(words), _fits)] if isinstance(words, str) else []
    card = _joined(order_card(order, language)) if isinstance(order, Mapping) else []
    if card and parts and _is_short(f"{parts[-1]}\n\n{card[0]}"):
        card[0] = f"{parts.pop()}\n\n{card[0]}"
    parts += card
    keyboard = inline_keyboard(message.get("buttons") or [])
    if keyboard and not parts:
        parts = [_shown(text("telegram.choose", language))]
    last = len(parts) - 1
    return [_body(part, keyboard if index == last else None) for index, part in enumerate(parts)]


def _joined(lines: Sequence[str]) -> list[str]:
    """Return lines of HTML in as few parts as a message's length allows."""
    parts: list[str] = []
    for line in lines:
        if parts and _is_short(f"{parts[-1]}\n{line}"):
            parts[-1] = f"{parts[-1]}\n{line}"
        else:
            parts.append(line)
    return parts


def _body(html: str, markup: Body | None = None) -> Body:
    body: Body = {"text": html, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    return {**body, "reply_markup": markup} if markup else body


def _contact_keyboard(language: str) -> Body:
    button = {"text": text("telegram.contact_button", language), "request_contact": True}
    return {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}


def _shown(words: str) -> str:
    return escape(isolate(words), quote=False)


def _fits(words: str) -> bool:
    return _is_short(_shown(words))


def _is_short(html: str) -> bool:
    return utf16_units(html) < MAX_UNITS


def _is_usable(button: Mapping[str, Any]) -> bool:
    title, payload = button.get("title"), button.get("payload")
    if not isinstance(title, str) or not clean(title) or not isinstance(payload, str):
        return False
    return 0 < len(payload.encode("utf-8", "replace")) <= MAX_TOKEN_BYTES


def _fits_in_row(buttons: Sequence[Mapping[str, Any]]) -> bool:
    widest = max(_width(button["title"]) for button in buttons)
    return len(buttons) <= MAX_IN_ROW and len(buttons) * (widest + BUTTON_MARGIN) <= ROW_WIDTH


def _width(title: str) -> int:
    """Return roughly how wide a title is, in letters; marks and joiners have no width, emoji are two letters wide."""
    seen = [character for character in title if unicodedata.category(character) not in {"Mn", "Me", "Cf"}]
    return len(seen) + sum(unicodedata.east_asian_width(character) in {"W", "F"} for character in seen)
