"""One bot at a Bot API server on loopback: the documented shapes, and what customers do as updates to be fetched.

Shapes and words of errors: core.telegram.org/bots/api.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from http.server import ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from peyk.web.demo_bot.rules import Refused, check_message
from peyk.web.demo_bot.speaking import BotHandler, HttpAnswer, Json, error, handler, json_answer, params_of

LOOPBACK = "127.0.0.1"
# What getUpdates waits for at most.
PATIENCE_S = 20
# What getFile hands out at most.
MAX_FILE_BYTES = 20 * 1024 * 1024
_POLL_WHILE_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
)
_TWO_POLLS = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_METHODS = {
    "getMe": "_get_me",
    "setWebhook": "_set_webhook",
    "deleteWebhook": "_delete_webhook",
    "getUpdates": "_get_updates",
    "sendMessage": "_send_message",
    "sendDocument": "_send_document",
    "editMessageReplyMarkup": "_edit_message_reply_markup",
    "answerCallbackQuery": "_answer_callback_query",
    "sendChatAction": "_send_chat_action",
    "getFile": "_get_file",
}
_NOT_MODIFIED = "specified new message content and reply markup are exactly the same as a current content"


class BotServer:
    """The API with one bot; it has no memory but what the API's own rules need."""

    handler = BotHandler

    def __init__(self, token: str, username: str, port: int = 0, path: str = "") -> None:
        """Prepare; `path` is what stands before `/bot<token>/`, `port` 0 takes a free one."""
        self.token = token
        number = token.partition(":")[0]
        self.bot: Json = {"id": int(number), "is_bot": True, "first_name": "Peyk", "username": username}
        self.webhook: dict[str, Json] | None = None
        self.files: dict[str, tuple[str, bytes, int | None]] = {}
        self.keyboards: dict[tuple[int, int], Json] = {}
        self.callbacks: set[str] = set()
        self._port = port
        self._path = path
        self._updates: list[dict[str, Json]] = []
        self._next: dict[str, int] = defaultdict(int)
        self._pollers = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The base address, as `https://api.telegram.org` is the real one's."""
        return f"http://{LOOPBACK}:{self._port}{self._path}"

    def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = ThreadingHTTPServer((LOOPBACK, self._port), handler(self.answer, self.handler))
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        serve = {"poll_interval": 0.02}
        threading.Thread(target=self._server.serve_forever, kwargs=serve, daemon=True, name="bot-api").start()

    def stop(self) -> None:
        """End the server, and whatever waits in it."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    # What customers do.

    def push(self, **content: Json) -> dict[str, Json]:
        """Make an update and keep it to be fetched; return it."""
        update = {"update_id": self._count("update"), **content}
        self.queue(update)
        return update

    def queue(self, *updates: dict[str, Json]) -> None:
        """Keep updates to be fetched, in this order: the same twice, or a newer one first, if so given."""
        with self._changed:
            self._updates += updates
            self._changed.notify_all()

    def add_file(self, content: bytes, path: str = "documents/file_1.pdf", *, told_size: int | None = None) -> str:
        """Put a file on the server and return its id; `told_size` is what getFile says of it, if anything."""
        file_id = f"file-{self._count('file')}"
        self.files[file_id] = (path, content, told_size)
        return file_id

    def message(self, chat_id: int, language: str = "fa") -> dict[str, Json]:
        """Return the beginnings of a message of a customer in a private chat."""
        sender = {"id": chat_id, "is_bot": False, "first_name": "Sara", "language_code": language}
        chat = {"id": chat_id, "type": "private", "first_name": "Sara"}
        return {"message_id": self._count("message"), "from": sender, "chat": chat, "date": self.date()}

    def share_contact(self, number: str, user_id: int | None, chat_id: int) -> dict[str, Json]:
        """A customer sends a contact."""
        contact = {"phone_number": number, "first_name": "Sara", **({"user_id": user_id} if user_id else {})}
        return self.push(message={**self.message(chat_id), "contact": contact})

    def tap(self, token: str, message_id: int, chat_id: int) -> dict[str, Json]:
        """A customer taps a button under a message of the bot."""
        callback_id = str(self._count("callback"))
        self.callbacks.add(callback_id)
        message = {**self.message(chat_id), "message_id": message_id, "from": self.bot}
        sender = self.message(chat_id)["from"]
        return self.push(callback_query={"id": callback_id, "from": sender, "message": message, "data": token})

    def send_photo(self, content: bytes, chat_id: int, **more: Json) -> dict[str, Json]:
        """A customer sends a photo: the server keeps it in two sizes."""
        number = self._count("photo")
        small = {"file_id": self.add_file(b"small", f"photos/s{number}.jpg"), "width": 9, "height": 6}
        large = {"file_id": self.add_file(content, f"photos/l{number}.jpg"), "width": 90, "height": 60}
        large["file_size"] = len(content)
        return self.push(message={**self.message(chat_id), "photo": [small, large], **more})

    # The API.

    def answer(self, verb: str, path: str, body: bytes, content_type: str) -> HttpAnswer:
        """Return the answer to one HTTP request."""
        if path.startswith("http://"):
            # As a proxy is asked: with the whole address.
            path = urlsplit(path).path
        path = path.removeprefix(self._path)
        prefix, _, method = path.strip("/").rpartition("/")
        if path.startswith(f"/file/bot{self.token}/"):
            return self.download(unquote(path.removeprefix(f"/file/bot{self.token}/")))
        if prefix != f"bot{self.token}":
            return error(401 if prefix.startswith("bot") and ":" in prefix else 404, "Unauthorized")
        try:
            params = params_of(body, content_type)
        except (ValueError, TypeError):
            return error(400, "Bad Request: can't parse the parameters")
        return self.call(method, params, content_type)

    def call(self, method: str, params: dict[str, Json], content_type: str) -> HttpAnswer:
        """Return the answer to a call of the bot."""
        if method not in _METHODS:
            return error(404, "Not Found: method not found")
        try:
            return json_answer(200, {"ok": True, "result": getattr(self, _METHODS[method])(params)})
        except Refused as refused:
            return error(refused.status, str(refused))

    def download(self, path: str) -> HttpAnswer:
        """Return a file."""
        content = next((content for known, content, _ in list(self.files.values()) if known == path), None)
        if content is None:
            return error(404, "Not Found")
        return HttpAnswer(200, content, "application/octet-stream")

    def check_chat(self, chat_id: Json) -> None:
        """Raise Refused where the bot may not write."""

    def date(self) -> int:
        """Return when a message is sent, as a Unix time."""
        return int(time.time())

    def _get_me(self, _: Json) -> Json:
        return self.bot

    def _set_webhook(self, params: Json) -> Json:
        with self._changed:
            self.webhook = params if params.get("url") else None
            self._changed.notify_all()
        return True

    def _delete_webhook(self, params: Json) -> Json:
        self.webhook = None
        if params.get("drop_pending_updates"):
            self._updates.clear()
        return True

    def _get_updates(self, params: Json) -> Json:
        if self.webhook is not None:
            raise Refused(409, _POLL_WHILE_WEBHOOK)
        offset, limit = params.get("offset", 0), params.get("limit", 100)
        until = time.monotonic() + min(params.get("timeout", 0), PATIENCE_S)
        with self._changed:
            self._pollers += 1
            mine = self._pollers
            self._changed.notify_all()
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            self._changed.wait_for(
                lambda: self._updates or self._stopping or mine != self._pollers, max(0.0, until - time.monotonic())
            )
            if mine != self._pollers:
                raise Refused(409, _TWO_POLLS)
            return self._updates[:limit]

    def _send_message(self, params: Json) -> Json:
        chat_id = params.get("chat_id")
        self.check_chat(chat_id)
        check_message(params)
        message_id = self._count("message")
        self.keyboards[chat_id, message_id] = params.get("reply_markup", {}).get("inline_keyboard", [])
        return {**self._sent(chat_id, message_id), "text": params["text"]}

    def _send_document(self, params: Json) -> Json:
        chat_id = params.get("chat_id")
        self.check_chat(chat_id)
        name, media_type, content = params["document"]
        if not content:
            raise Refused(400, "Bad Request: file must be non-empty")
        document = {"file_id": "sent", "file_name": name, "mime_type": media_type, "file_size": len(content)}
        return {**self._sent(chat_id, self._count("message")), "document": document}

    def _edit_message_reply_markup(self, params: Json) -> Json:
        key = params.get("chat_id"), params.get("message_id")
        if key not in self.keyboards:
            raise Refused(400, "Bad Request: message to edit not found")
        keyboard = params.get("reply_markup", {}).get("inline_keyboard", [])
        if keyboard == self.keyboards[key]:
            raise Refused(400, f"Bad Request: message is not modified: {_NOT_MODIFIED}")
        self.keyboards[key] = keyboard
        return self._sent(*key)

    def _answer_callback_query(self, params: Json) -> Json:
        if params.get("callback_query_id") not in self.callbacks:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.callbacks.remove(params["callback_query_id"])
        return True

    def _send_chat_action(self, params: Json) -> Json:
        self.check_chat(params.get("chat_id"))
        return True

    def _get_file(self, params: Json) -> Json:
        if params.get("file_id") not in self.files:
            raise Refused(400, "Bad Request: invalid file_id")
        path, content, told_size = self.files[params["file_id"]]
        if max(len(content), told_size or 0) > MAX_FILE_BYTES:
            raise Refused(400, "Bad Request: file is too big")
        size = {} if told_size is None else {"file_size": told_size}
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_path": path, **size}

    def _sent(self, chat_id: Json, message_id: Json) -> dict[str, Json]:
        chat = {"id": chat_id, "type": "private"}
        return {"message_id": message_id, "from": self.bot, "chat": chat, "date": self.date()}

    def _count(self, name: str) -> int:
        with self._changed:
            self._next[name] += 1
            return self._next[name]
