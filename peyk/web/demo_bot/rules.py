"""What the Bot API refuses in a message: length, HTML it cannot parse, keyboards it does not take.

Words of errors: core.telegram.org/bots/api and what its server answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

ALLOWED_TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}
MAX_UNITS = 4096
MAX_DATA_BYTES = 64


class Refused(Exception):
    """The call is refused with this status and description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a text: the tags it is in, outermost first, and where it leads."""

    text: str
    marks: tuple[str, ...] = ()
    url: str = ""


class Html(HTMLParser):
    """Reads the API's HTML; `text` is what remains of it, `runs` how that looks, `problem` why it cannot be read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.problem = ""
        self.runs: list[Run] = []
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag that opens."""
        if tag not in ALLOWED_TAGS:
            self.problem = f'Unsupported start tag "{tag}"'
        self._open.append((tag, dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        """Take a tag that closes."""
        if not self._open or self._open.pop()[0] != tag:
            self.problem = f'Unexpected end tag "{tag}"'

    def handle_data(self, data: str) -> None:
        """Take text."""
        self.text += data
        url = next((href for _, href in reversed(self._open) if href), "")
        marks = tuple(tag for tag, _ in self._open if tag != "a")
        self.runs.append(Run(data, marks, url if urlsplit(url).scheme in {"http", "https"} else ""))

    def read(self, html: str) -> str:
        """Return the text. Raises Refused for tags that do not match or are not known."""
        self.feed(html)
        self.close()
        if self.problem or self._open:
            raise Refused(400, f"Bad Request: can't parse entities: {self.problem or 'a tag is not closed'}")
        return self.text


def units(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_message(params: dict[str, Any]) -> list[Run]:
    """Return what a message shows. Raises Refused for one the API would not send."""
    chat_id, text = params.get("chat_id"), str(params.get("text", ""))
    if not isinstance(chat_id, int):
        raise Refused(400, "Bad Request: chat_id is empty")
    runs = _runs(text) if params.get("parse_mode") == "HTML" else [Run(text)]
    shown = "".join(run.text for run in runs)
    if not shown.strip():
        raise Refused(400, "Bad Request: message text is empty")
    if units(shown) > MAX_UNITS:
        raise Refused(400, "Bad Request: message is too long")
    _check_markup(chat_id, params.get("reply_markup", {}))
    return runs


def _runs(html: str) -> list[Run]:
    reader = Html()
    reader.read(html)
    return reader.runs


def _check_markup(chat_id: int, markup: dict[str, Any]) -> None:
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                raise Refused(400, "Bad Request: text buttons are unallowed in the inline keyboard")
            if not 0 < len(str(button.get("callback_data", "")).encode()) <= MAX_DATA_BYTES:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    for row in markup.get("keyboard", []):
        if chat_id < 0 and any(button.get("request_contact") for button in row):
            raise Refused(400, "Bad Request: phone number can be requested in private chats only")
