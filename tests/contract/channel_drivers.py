"""One driver a channel: what its customer does and sees, in the words of the contract suite."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

import httpx

from peyk.channels import rest
from tests.fakes.telegram import CUSTOMER, FakeTelegram
from tests.unit.web.chat_steps import Browser, bearer, conversation_of, new_id
from tests.unit.web.conftest import Edge
from tests.unit.web.telegram_steps import here, texts, token_of

Json = Any


class Driver(Protocol):
    """A customer on one channel. Messages are named by the customer's program: the same name is the same message."""

    # The longest message the channel shows, in UTF-16 units; None: any.
    longest: int | None

    @property
    def conversation_id(self) -> str:
        """The conversation at the edge."""
        ...

    def say(self, text: str) -> str:
        """Send a message after those before it, without waiting for its answer; return its name."""
        ...

    def again(self, name: str) -> None:
        """Send a message once more, as a program does that has seen no answer."""
        ...

    def said(self, count: int) -> list[str]:
        """Wait until the bot has said so much, repeats of one message not counted; return all of it in order."""
        ...

    def tap(self) -> None:
        """Tap the first button of what the bot said last."""
        ...

    def order(self) -> str:
        """Return the order on the card the bot showed last, however it looks."""
        ...

    def send_file(self, content: bytes) -> None:
        """Send a file, without words beside it."""
        ...


class Rest:
    """A shop's program on the REST channel."""

    longest: int | None = None

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._sent: dict[str, str] = {}
        self._answers: dict[str, list[Future[httpx.Response]]] = {}

    @property
    def conversation_id(self) -> str:
        return rest.conversation_id(self._edge.parts.settings.secret_key, rest.DEMO_OWNER, "ali")

    def say(self, text: str) -> str:
        name = new_id()
        self._sent[name] = text
        self._answers[name] = []
        self.again(name)
        return name

    def again(self, name: str) -> None:
        self._answers[name].append(self._edge.begin(self._sent[name], message_id=name))

    def said(self, count: int) -> list[str]:
        texts = [message["text"] for message in self._messages()]
        assert len(texts) >= count
        return texts

    def tap(self) -> None:
        self.say(self._messages()[-1]["buttons"][0]["payload"])

    def order(self) -> str:
        return str(self._messages()[-1]["custom"]["order"]["orderId"])

    def send_file(self, content: bytes) -> None:
        raise NotImplementedError("a program has no files to send")

    def _messages(self) -> list[Json]:
        shown = []
        for futures in self._answers.values():
            bodies = [future.result().json() for future in futures]
            # Whoever asks again is told the same.
            assert all(body == bodies[0] for body in bodies)
            shown += bodies[0]
        return shown


class ChatBySocket:
    """A browser with the widget on its WebSocket."""

    longest: int | None = None

    def __init__(self, edge: Edge) -> None:
        self._browser = Browser(edge)
        self._edge = edge
        self._sent: dict[str, Json] = {}

    @property
    def conversation_id(self) -> str:
        return conversation_of(self._edge, self._browser.token)

    def say(self, text: str) -> str:
        return self._send(text=text)

    def again(self, name: str) -> None:
        self._browser.say(id=name, **self._sent[name])

    def said(self, count: int) -> list[str]:
        while len(self._shown()) < count:
            self._browser.wait(lambda frame: frame["type"] in {"entry", "refused"})
        return [frame["text"] for frame in self._shown()]

    def tap(self) -> None:
        self._send(token=self._shown()[-1]["buttons"][0]["payload"])

    def order(self) -> str:
        return str(self._shown()[-1]["custom"]["order"]["orderId"])

    def send_file(self, content: bytes) -> None:
        self._send(files=[upload(self._edge, self._browser.token, content)])

    def _send(self, **content: Json) -> str:
        name = self._browser.say(**content)
        self._sent[name] = content
        return name

    def _shown(self) -> list[Json]:
        return [
            frame
            for frame in self._browser.frames
            if frame["type"] == "refused" or (frame["type"] == "entry" and frame["author"] == "bot")
        ]


class ChatByHttp:
    """A browser with the widget where no WebSocket comes through: it sends one after the other, and polls."""

    longest: int | None = None

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._token: str = edge.client.post("/chat/session", json={}).json()["token"]
        self._sent: dict[str, Json] = {}
        self._refused: list[str] = []
        self._waiting: list[Future[httpx.Response]] = []

    @property
    def conversation_id(self) -> str:
        return conversation_of(self._edge, self._token)

    def say(self, text: str) -> str:
        return self._send({"text": text})

    def again(self, name: str) -> None:
        before = self._edge.arrivals.count
        body = {"id": name, **self._sent[name]}
        post = self._edge.client.post
        self._waiting.append(self._edge.pool.submit(post, "/chat/messages", json=body, headers=bearer(self._token)))
        self._edge.arrivals.wait_for(before + 1)
        # Whatever the event loop had to do before this, it has done.
        self._edge.client.get("/healthz")

    def said(self, count: int) -> list[str]:
        for waiting in self._waiting:
            answer = waiting.result().json()
            if "error" in answer:
                self._refused.append(answer["error"]["text"])
        self._waiting.clear()
        shown = [entry["text"] for entry in self._shown()] + self._refused
        assert len(shown) >= count
        return shown

    def tap(self) -> None:
        self._send({"token": self._shown()[-1]["buttons"][0]["payload"]})

    def order(self) -> str:
        return str(self._shown()[-1]["custom"]["order"]["orderId"])

    def send_file(self, content: bytes) -> None:
        self._send({"files": [upload(self._edge, self._token, content)]})

    def _send(self, content: Json) -> str:
        name = new_id()
        self._sent[name] = content
        self.again(name)
        return name

    def _shown(self) -> list[Json]:
        for waiting in self._waiting:
            waiting.result()
        answer = self._edge.client.get("/chat/messages?after=0", headers=bearer(self._token)).json()
        return [entry for entry in answer["entries"] if entry["author"] == "bot"]


class Telegram:
    """A customer in a private chat, before our own Bot API server."""

    longest: int | None = 4096

    def __init__(self, edge: Edge, telegram: FakeTelegram) -> None:
        self._edge = edge
        self._telegram = telegram
        self._updates: dict[str, Json] = {}

    @property
    def conversation_id(self) -> str:
        return here(self._edge)

    def say(self, text: str) -> str:
        name = new_id()
        self._updates[name] = self._telegram.say(text)
        return name

    def again(self, name: str) -> None:
        update = self._updates[name]
        self._telegram.queue(update)

    def said(self, count: int) -> list[str]:
        self._telegram.wait_for(lambda: len(self._telegram.sent) >= count)
        return texts(self._telegram)

    def tap(self) -> None:
        self._telegram.tap(*token_of(self._telegram), chat_id=CUSTOMER)

    def order(self) -> str:
        return next(word.strip("\u2066\u2069.:") for word in texts(self._telegram)[-1].split() if "TS-" in word)

    def send_file(self, content: bytes) -> None:
        self._telegram.send_photo(content)


def upload(edge: Edge, token: str, content: bytes) -> str:
    """Send a file as the widget does, ahead of its message; return its id."""
    answer = edge.client.post("/chat/files", files={"file": ("box.jpg", content)}, headers=bearer(token))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["file"]["id"])


DRIVERS: dict[str, Callable[[Edge, FakeTelegram], Driver]] = {
    "rest": lambda edge, _: Rest(edge),
    "webchat": lambda edge, _: ChatBySocket(edge),
    "webchat-http": lambda edge, _: ChatByHttp(edge),
    "telegram": Telegram,
}
# Channels on which a customer cannot send files.
WITHOUT_FILES = ("rest",)
