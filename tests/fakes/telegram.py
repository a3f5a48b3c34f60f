"""The Bot API server of tests: it remembers every call, and has faults on command.

Slow answers wait until they are let go, so no test sleeps.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from peyk.web.demo_bot.rules import Refused
from peyk.web.demo_bot.server import PATIENCE_S, BotServer
from peyk.web.demo_bot.speaking import HttpAnswer, Json
from tests.fakes.telegram_http import BreakingHandler, Fault, Trouble, faulty

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
BOT = {"id": 110201543, "is_bot": True, "first_name": "Peyk", "username": "peyk_test_bot"}
CUSTOMER = 5001
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Call:
    """A call that arrived: `params` as the method understands them, whatever they were sent in."""

    method: str
    params: dict[str, Json]
    content_type: str


class FakeTelegram(BotServer):
    """The API with one bot. Everything a test may want to know is in `calls`; everything customers do is a method."""

    handler = BreakingHandler

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token, "peyk_test_bot")
        self.calls: list[Call] = []
        self.paths: list[str] = []
        self.blocked: set[int] = set()
        self.pushed = 0
        self._next["update"] = 10_000
        self._trouble: list[Trouble] = []
        self._slow = threading.Event()
        self.start()

    @property
    def sent(self) -> list[dict[str, Json]]:
        """The messages that arrived, in order."""
        return [call.params for call in self.calls if call.method == "sendMessage"]

    def stop(self) -> None:
        self._slow.set()
        super().stop()

    def fail(
        self,
        fault: Fault,
        method: str | None = None,
        *,
        times: int = 1,
        retry_after: int | None = 3,
        status: int = 500,
        after: int = 0,
    ) -> None:
        """Let the next `times` calls (of `method`, "file" for downloads, or any) go wrong, after `after` good ones.

        `retry_after` belongs to RATE_LIMITED (None: it is not told), `status` to SERVER_ERROR and HTML.
        """
        with self._changed:
            self._trouble.append(Trouble(fault, method, times, retry_after, status, after))

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
        return super().share_contact(number, user_id, chat_id)

    def tap(self, token: str, message_id: int, chat_id: int = CUSTOMER) -> dict[str, Json]:
        return super().tap(token, message_id, chat_id)

    def send_photo(self, content: bytes, chat_id: int = CUSTOMER, **more: Json) -> dict[str, Json]:
        return super().send_photo(content, chat_id, **more)

    def send_document(self, content: bytes, name: str, chat_id: int = CUSTOMER, **more: Json) -> dict[str, Json]:
        """A customer sends a file."""
        file_id = self.add_file(content, f"documents/f{len(self.files)}")
        document = {"file_id": file_id, "file_name": name, "mime_type": "application/pdf"}
        return self.push(message={**self.message(chat_id), "document": document, **more})

    def message(self, chat_id: int = CUSTOMER, language: str = "fa") -> dict[str, Json]:
        return super().message(chat_id, language)

    def push(self, **content: Json) -> dict[str, Json]:
        self.pushed += 1
        return super().push(**content)

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
        self.paths.append(path)
        return super().answer(verb, path, body, content_type)

    def call(self, method: str, params: dict[str, Json], content_type: str) -> HttpAnswer:
        with self._changed:
            self.calls.append(Call(method, params, content_type))
            self._changed.notify_all()
        return self._troubled(method) or super().call(method, params, content_type)

    def download(self, path: str) -> HttpAnswer:
        return self._troubled("file") or super().download(path)

    def check_chat(self, chat_id: Json) -> None:
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")

    def date(self) -> int:
        return 1_790_000_000

    def _troubled(self, method: str) -> HttpAnswer | None:
        with self._changed:
            trouble = next((t for t in self._trouble if t.times and t.method in (None, method)), None)
            if trouble is None:
                return None
            if trouble.after:
                trouble.after -= 1
                return None
            trouble.times -= 1
        if trouble.fault is Fault.SLOW:
            self._slow.wait(PATIENCE_S)
            return None
        return faulty(trouble, self.token)
