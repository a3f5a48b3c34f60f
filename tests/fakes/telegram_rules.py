"""What the Bot API refuses in a message: length, HTML it cannot parse, keyboards it does not take."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

ALLOWED_TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}
MAX_UNITS = 4096


class Refused(Exception):
    """The call is refused with this status and description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


class Html(HTMLParser):
    """Reads the API's HTML; `text` is what remains of it, `problem` why it cannot be read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.problem = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED_TAGS:
            self.problem = f'Unsupported start tag "{tag}"'
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problem = f'Unexpected end tag "{tag}"'

    def handle_data(self, data: str) -> None:
        self.text += data

    def read(self, html: str) -> str:
        """Return the text. Raises Refused for tags that do not match or are not known."""
        self.feed(html)
        self.close()
        if self.problem or self._open:
            raise Refused(400, f"Bad Request: can't parse entities: {self.problem or 'a tag is not closed'}")
        return self.text


def units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_message(params: dict[str, Any]) -> None:
    """Raise Refused for a message the API would not send."""
    chat_id, text = params.get("chat_id"), str(params.get("text", ""))
    if not isinstance(chat_id, int):
        raise Refused(400, "Bad Request: chat_id is empty")
    shown = Html().read(text) if params.get("parse_mode") == "HTML" else text
    if not shown.strip():
        raise Refused(400, "Bad Request: message text is empty")
    if units(shown) > MAX_UNITS:
        raise Refused(400, "Bad Request: message is too long")
    markup = params.get("reply_markup", {})
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                raise Refused(400, "Bad Request: text buttons are unallowed in the inline keyboard")
            if not 0 < len(str(button.get("callback_data", "")).encode()) <= 64:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    for row in markup.get("keyboard", []):
        if chat_id < 0 and any(button.get("request_contact") for button in row):
            raise Refused(400, "Bad Request: phone number can be requested in private chats only")
