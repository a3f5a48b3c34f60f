"""The demo's Telegram: a Bot API server that also keeps what its customers' telephones show, while the demo runs."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from peyk.settings import Settings
from peyk.web.demo_bot.rules import MAX_UNITS, check_message, units
from peyk.web.demo_bot.server import LOOPBACK, BotServer
from peyk.web.demo_bot.speaking import Json

# Below this the API lies at its port: what `make demo` sets PEYK_TELEGRAM_API to ends with it.
PATH = "/demo/telegram"
USERNAME = "peyk_demo_bot"
MAX_CHATS = 100
MAX_ENTRIES = 200
MAX_FILES = 200
# How long "typing" is shown (sendChatAction).
TYPING_S = 5.0
JPEG = b"\xff\xd8\xff"

Entry = dict[str, Any]


@dataclass(slots=True)
class Chat:
    """What a telephone shows: messages, the keyboard in the place of letters, and whether the bot types."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=MAX_ENTRIES))
    keyboard: list[list[dict[str, Any]]] = field(default_factory=list)
    one_time: bool = False
    typing_until: float = 0.0


class DemoTelegram(BotServer):
    """One bot, and the telephones of whoever has the demo page open.

    What a customer does raises ValueError where Telegram's own app would not let them.
    """

    def __init__(self, token: str, port: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Prepare. Numbers begin with the time, so that an edge that starts again does not repeat any."""
        super().__init__(token, USERNAME, port, PATH)
        for name in ("update", "message", "file"):
            self._next[name] = int(time.time())
        self._monotonic = monotonic
        self._chats: OrderedDict[int, Chat] = OrderedDict()

    def state(self, chat_id: int) -> dict[str, Any]:
        """Return what a telephone shows."""
        with self._changed:
            chat = self._chats.get(chat_id) or Chat()
            return {
                "entries": [{**entry, "rows": self._rows(chat_id, entry["id"])} for entry in chat.entries],
                "keyboard": chat.keyboard,
                "typing": chat.typing_until > self._monotonic(),
            }

    def write(self, chat_id: int, text: str, language: str) -> None:
        """A customer writes."""
        if not text.strip() or units(text) > MAX_UNITS:
            raise ValueError("no message")
        with self._changed:
            update = self.push(message={**self.message(chat_id, language), "text": text.strip()})
            self._mine(chat_id, update, runs=[_run(text.strip())])

    def press(self, chat_id: int, message_id: int, data: str) -> None:
        """A customer presses a button that is there."""
        with self._changed:
            rows = self._rows(chat_id, message_id)
            if not any(button["callback_data"] == data for row in rows for button in row):
                raise ValueError("no such button")
            self.tap(data, message_id, chat_id)

    def give_number(self, chat_id: int, mobile: str) -> None:
        """A customer sends the own number, asked for by a keyboard; Telegram writes it without a plus."""
        number = "98" + mobile[1:] if mobile.startswith("0") else mobile.removeprefix("+")
        with self._changed:
            asked = any(button.get("request_contact") for row in self._chat(chat_id).keyboard for button in row)
            if not asked or not (number.isascii() and number.isdecimal()):
                raise ValueError("no number is asked for")
            update = self.share_contact(number, chat_id, chat_id)
            self._mine(chat_id, update, contact=mobile)

    def give_photo(self, chat_id: int, content: bytes) -> None:
        """A customer sends a photo, as the app has made it: a JPEG."""
        if not content.startswith(JPEG):
            raise ValueError("no photo")
        with self._changed:
            update = self.send_photo(content, chat_id)
            self._mine(chat_id, update, photo=update["message"]["photo"][-1]["file_id"])

    def shown_file(self, file_id: str) -> bytes | None:
        """Return a file that is in a chat."""
        with self._changed:
            _, content, _ = self.files.get(file_id, ("", None, None))
        return content

    def add_file(self, content: bytes, path: str = "documents/file_1.pdf", *, told_size: int | None = None) -> str:
        """Keep a file; the oldest are forgotten."""
        with self._changed:
            while len(self.files) >= MAX_FILES:
                del self.files[next(iter(self.files))]
            return super().add_file(content, path, told_size=told_size)

    def _send_message(self, params: Json) -> Json:
        with self._changed:
            message = super()._send_message(params)
            runs = [{"text": run.text, "marks": run.marks, "url": run.url} for run in check_message(params)]
            chat = self._theirs(params["chat_id"], message, runs=runs)
            markup = params.get("reply_markup", {})
            if "keyboard" in markup:
                chat.keyboard, chat.one_time = markup["keyboard"], bool(markup.get("one_time_keyboard"))
            elif markup.get("remove_keyboard"):
                chat.keyboard = []
            return message

    def _send_document(self, params: Json) -> Json:
        with self._changed:
            message = super()._send_document(params)
            name, _, content = params["document"]
            file_id = self.add_file(content, f"documents/d{self._count('document')}")
            self._theirs(params["chat_id"], message, file={"id": file_id, "name": name})
            return message

    def _send_chat_action(self, params: Json) -> Json:
        with self._changed:
            self._chat(params["chat_id"]).typing_until = self._monotonic() + TYPING_S
        return super()._send_chat_action(params)

    def _mine(self, chat_id: int, update: Json, **content: Any) -> None:
        chat, message = self._chat(chat_id), update["message"]
        chat.entries.append({"id": message["message_id"], "mine": True, "at": message["date"], **content})
        if chat.one_time:
            chat.keyboard = []

    def _theirs(self, chat_id: int, message: Json, **content: Any) -> Chat:
        chat = self._chat(chat_id)
        chat.entries.append({"id": message["message_id"], "mine": False, "at": message["date"], **content})
        chat.typing_until = 0.0
        return chat

    def _rows(self, chat_id: int, message_id: int) -> list[list[dict[str, Any]]]:
        return list(self.keyboards.get((chat_id, message_id), []))

    def _chat(self, chat_id: int) -> Chat:
        """Return a chat; the one that was longest without any word is forgotten for a new one."""
        if chat_id not in self._chats and len(self._chats) >= MAX_CHATS:
            gone, _ = self._chats.popitem(last=False)
            self.keyboards = {key: rows for key, rows in self.keyboards.items() if key[0] != gone}
        chat = self._chats.setdefault(chat_id, Chat())
        self._chats.move_to_end(chat_id)
        return chat


def demo_bot(settings: Settings) -> DemoTelegram | None:
    """Return the demo's Telegram where the settings name it as the Bot API; there is none outside demo mode."""
    api, token = urlsplit(settings.telegram_api), settings.telegram_token.get_secret_value()
    ours = api.scheme == "http" and api.hostname == LOOPBACK and api.path == PATH and api.port
    if not settings.demo or not ours or not token.partition(":")[0].isdecimal():
        return None
    return DemoTelegram(token, api.port or 0)


def _run(text: str) -> dict[str, Any]:
    return {"text": text, "marks": (), "url": ""}
