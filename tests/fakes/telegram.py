"""A Bot API server on a real socket: the documented shapes, what was sent, and faults on command.

Shapes and words of errors: core.telegram.org/bots/api. Slow answers wait until they are let go, so no test sleeps.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from tests.fakes.telegram_http import Fault, HttpAnswer, Json, Trouble, error, faulty, handler, json_answer, params_of
from tests.fakes.telegram_rules import Refused, check_message

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
BOT = {"id": 110201543, "is_bot": True, "first_name": "Peyk", "username": "peyk_test_bot"}
METHODS = {
    "get_me",
    "set_webhook",
    "delete_webhook",
    "get_updates",
    "send_message",
    "send_document",
    "edit_message_reply_markup",
    "answer_callback_query",
    "send_chat_action",
    "get_file",
}
CUSTOMER = 5001
PATIENCE_S = 20
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Call:
    """A call that arrived: `params` as the method understands them, whatever they were sent in."""

    method: str
    params: dict[str, Json]
    content_type: str


class FakeTelegram:
    """The API with one bot. Everything a test may want to know is in `calls`; everything customers do is a method."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.calls: list[Call] = []
        self.paths: list[str] = []
        self.blocked: set[int] = set()
        self.webhook: dict[str, Json] | None = None
        self.files: dict[str, tuple[str, bytes, int | None]] = {}
        self.keyboards: dict[tuple[int, int], Json] = {}
        self.callbacks: set[str] = set()
        self.pushed = 0
        self._updates: list[dict[str, Json]] = []
        self._trouble: list[Trouble] = []
        self._next: dict[str, int] = defaultdict(int)
        self._pollers = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._slow = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self.answer))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The base address, as `https://api.telegram.org` is the real one's."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def sent(self) -> list[dict[str, Json]]:
        """The messages that arrived, in order."""
        return [call.params for call in self.calls if call.method == "sendMessage"]

    def stop(self) -> None:
        """End the server, and whatever waits in it."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._slow.set()
        self._server.shutdown()
        self._server.server_close()

    def fail(
        self,
        fault: Fault,
        method: str | None = None,
        *,
        times: int = 1,
        retry_after: int | None = 3,
        status: int = 500,
    ) -> None:
        """Let the next `times` calls (of `method`, "file" for downloads, or any) go wrong.

        `retry_after` belongs to RATE_LIMITED (None: it is not told), `status` to SERVER_ERROR and HTML.
        """
        with self._changed:
            self._trouble.append(Trouble(fault, method, times, retry_after, status))

    def mend(self) -> None:
        """Let everything go well again."""
        with self._changed:
            self._trouble.clear()

    def release(self) -> None:
        """Let go what was slow."""
        self._slow.set()

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Wait until something that calls change is so."""
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE_S), "it never came"

    # What customers do.

    def say(self, text: str, chat_id: int = CUSTOMER, **more: Json) -> dict[str, Json]:
        """A customer writes."""
        return self.push(message={**self.message(chat_id), "text": text, **more})

    def share_contact(self, number: str, user_id: int | None, chat_id: int = CUSTOMER) -> dict[str, Json]:
        """A customer sends a contact."""
        contact = {"phone_number": number, "first_name": "Sara", **({"user_id": user_id} if user_id else {})}
        return self.push(message={**self.message(chat_id), "contact": contact})

    def tap(self, token: str, message_id: int, chat_id: int = CUSTOMER) -> dict[str, Json]:
        """A customer taps a button under a message of the bot."""
        callback_id = str(self._count("callback"))
        self.callbacks.add(callback_id)
        message = {**self.message(chat_id), "message_id": message_id, "from": BOT}
        sender = self.message(chat_id)["from"]
        return self.push(callback_query={"id": callback_id, "from": sender, "message": message, "data": token})

    def send_photo(self, content: bytes, chat_id: int = CUSTOMER, **more: Json) -> dict[str, Json]:
        """A customer sends a photo: the server keeps it in two sizes."""
        small = {"file_id": self.add_file(b"small", f"photos/s{len(self.files)}.jpg"), "width": 9, "height": 6}
        large = {"file_id": self.add_file(content, f"photos/l{len(self.files)}.jpg"), "width": 90, "height": 60}
        large["file_size"] = len(content)
        return self.push(message={**self.message(chat_id), "photo": [small, large], **more})

    def send_document(self, content: bytes, name: str, chat_id: int = CUSTOMER, **more: Json) -> dict[str, Json]:
        """A customer sends a file."""
        file_id = self.add_file(content, f"documents/f{len(self.files)}")
        document = {"file_id": file_id, "file_name": name, "mime_type": "application/pdf"}
        return self.push(message={**self.message(chat_id), "document": document, **more})

    def add_file(self, content: bytes, path: str = "documents/file_1.pdf", *, told_size: int | None = None) -> str:
        """Put a file on the server and return its id; `told_size` is what getFile says of it, if anything."""
        file_id = f"file-{self._count('file')}"
        self.files[file_id] = (path, content, told_size)
        return file_id

    def message(self, chat_id: int = CUSTOMER, language: str = "fa") -> dict[str, Json]:
        """The beginnings of a message of a customer in a private chat."""
        sender = {"id": chat_id, "is_bot": False, "first_name": "Sara", "language_code": language}
        chat = {"id": chat_id, "type": "private", "first_name": "Sara"}
        return {"message_id": self._count("message"), "from": sender, "chat": chat, "date": 1_790_000_000}

    # Updates.

    def push(self, **content: Json) -> dict[str, Json]:
        """Make an update and keep it to be fetched; return it."""
        update = {"update_id": 10_000 + self._count("update"), **content}
        self.pushed += 1
        self.queue(update)
        return update

    def queue(self, *updates: dict[str, Json]) -> None:
        """Keep updates to be fetched, in this order: the same twice, or a newer one first, if so given."""
        with self._changed:
            self._updates += updates
            self._changed.notify_all()

    def deliver(self, updates: Iterable[dict[str, Json]] | None = None) -> list[int]:
        """Post updates (default: all that wait) to the webhook, with its secret; return the statuses of the answers."""
        assert self.webhook is not None, "no webhook is set"
        with self._changed:
            waiting, self._updates = self._updates, []
        return [self._post(update) for update in (waiting if updates is None else updates)]

    def _post(self, update: dict[str, Json]) -> int:
        assert self.webhook is not None
        target = urlsplit(self.webhook["url"])
        connection = http.client.HTTPConnection(str(target.hostname), target.port, timeout=PATIENCE_S)
        headers = {"Content-Type": "application/json"}
        if self.webhook.get("secret_token"):
            headers[SECRET_HEADER] = self.webhook["secret_token"]
        connection.request("POST", target.path or "/", json.dumps(update), headers)
        status = connection.getresponse().status
        connection.close()
        return status

    # The API.

    def answer(self, verb: str, path: str, body: bytes, content_type: str) -> HttpAnswer:
        """Return the answer to one HTTP request."""
        self.paths.append(path)
        if path.startswith("http://"):
            # As a proxy is asked: with the whole address.
            path = urlsplit(path).path
        prefix, _, method = path.strip("/").rpartition("/")
        if path.startswith(f"/file/bot{self.token}/"):
            return self._troubled("file") or self._file(unquote(path.removeprefix(f"/file/bot{self.token}/")))
        if prefix != f"bot{self.token}":
            return error(401 if prefix.startswith("bot") and ":" in prefix else 404, "Unauthorized")
        call = Call(method, params_of(body, content_type), content_type)
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()
        return self._troubled(method) or self._called(call)

    def _called(self, call: Call) -> HttpAnswer:
        name = re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", call.method)
        method = getattr(self, f"_{name}", None) if name in METHODS else None
        if method is None:
            return error(404, "Not Found: method not found")
        try:
            return json_answer(200, {"ok": True, "result": method(call.params)})
        except Refused as refused:
            return error(refused.status, str(refused))

    def _troubled(self, method: str) -> HttpAnswer | None:
        with self._changed:
            trouble = next((t for t in self._trouble if t.times and t.method in (None, method)), None)
            if trouble is None:
                return None
            trouble.times -= 1
        if trouble.fault is Fault.SLOW:
            self._slow.wait(PATIENCE_S)
            return None
        return faulty(trouble, self.token)

    def _file(self, path: str) -> HttpAnswer:
        content = next((content for known, content, _ in self.files.values() if known == path), None)
        if content is None:
            return error(404, "Not Found")
        return HttpAnswer(200, content, "application/octet-stream")

    def _get_me(self, _: Json) -> Json:
        return BOT

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
            words = (
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
            )
            raise Refused(409, words)
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
                words = (
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
                )
                raise Refused(409, words)
            return self._updates[:limit]

    def _send_message(self, params: Json) -> Json:
        chat_id = params.get("chat_id")
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        check_message(params)
        message_id = self._count("message")
        self.keyboards[chat_id, message_id] = params.get("reply_markup", {}).get("inline_keyboard", [])
        chat = {"id": chat_id, "type": "private"}
        return {"message_id": message_id, "from": BOT, "chat": chat, "date": 1_790_000_000, "text": params["text"]}

    def _send_document(self, params: Json) -> Json:
        chat_id = params.get("chat_id")
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        name, media_type, content = params["document"]
        if not content:
            raise Refused(400, "Bad Request: file must be non-empty")
        document = {"file_id": "sent", "file_name": name, "mime_type": media_type, "file_size": len(content)}
        chat = {"id": chat_id, "type": "private"}
        return {"message_id": self._count("message"), "from": BOT, "chat": chat, "date": 1, "document": document}

    def _edit_message_reply_markup(self, params: Json) -> Json:
        key = params.get("chat_id"), params.get("message_id")
        if key not in self.keyboards:
            raise Refused(400, "Bad Request: message to edit not found")
        keyboard = params.get("reply_markup", {}).get("inline_keyboard", [])
        if keyboard == self.keyboards[key]:
            words = "specified new message content and reply markup are exactly the same as a current content"
            raise Refused(400, f"Bad Request: message is not modified: {words}")
        self.keyboards[key] = keyboard
        return {"message_id": key[1], "chat": {"id": key[0], "type": "private"}, "date": 1_790_000_000}

    def _answer_callback_query(self, params: Json) -> Json:
        if params.get("callback_query_id") not in self.callbacks:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.callbacks.remove(params["callback_query_id"])
        return True

    def _send_chat_action(self, params: Json) -> Json:
        if params.get("chat_id") in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return True

    def _get_file(self, params: Json) -> Json:
        if params.get("file_id") not in self.files:
            raise Refused(400, "Bad Request: invalid file_id")
        path, content, told_size = self.files[params["file_id"]]
        if max(len(content), told_size or 0) > 20 * 1024 * 1024:
            raise Refused(400, "Bad Request: file is too big")
        size = {} if told_size is None else {"file_size": told_size}
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_path": path, **size}

    def _count(self, name: str) -> int:
        with self._changed:
            self._next[name] += 1
            return self._next[name]
