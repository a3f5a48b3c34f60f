"""Steps of the tests of the web chat."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from peyk.channels.webchat.sessions import Sessions
from peyk.domain.conversations import Utterance
from tests.fakes.websocket import WebSocket
from tests.unit.web.conftest import Edge

Json = Any
_numbers = count(1)


def new_id() -> str:
    """The client's id of a message."""
    return f"client-{next(_numbers)}"


class Browser:
    """A tab with the widget: its socket, its token, and what it has been sent."""

    def __init__(self, edge: Edge, token: str | None = None, after: int = 0, **hello: Json) -> None:
        headers, buffer = hello.pop("headers", None), hello.pop("receive_buffer", 0)
        self.socket = WebSocket(edge.url, headers=headers, receive_buffer=buffer)
        self.socket.send(type="hello", token=token, after=after, **hello)
        self.welcome = self.socket.read_until(lambda frame: frame["type"] == "welcome")[-1]
        self.token: str = self.welcome["token"]
        self.frames: list[Json] = []

    def say(self, text: str | None = None, **more: Json) -> str:
        """Send a message; return its id."""
        own_id: str = more.pop("id", None) or new_id()
        content = more if text is None else {"text": text, **more}
        self.socket.send(type="message", id=own_id, **content)
        return own_id

    def wait(self, wanted: Callable[[Json], bool]) -> Json:
        """Return the next frame that is wanted; those before it are kept."""
        self.frames += self.socket.read_until(wanted)
        return self.frames[-1]

    def wait_for(self, kind: str, **members: Json) -> Json:
        """Return the next frame of a kind with these members."""
        return self.wait(lambda frame: {**frame, **members, "type": kind} == frame)

    def entries(self, texts: int, author: str = "bot") -> list[str]:
        """Wait until so many entries of an author are there; return their texts in order."""
        while len(self.texts(author)) < texts:
            self.wait_for("entry")
        return self.texts(author)

    def texts(self, author: str) -> list[str]:
        """Return what an author has said so far."""
        return [each["text"] for each in self.frames if each["type"] == "entry" and each["author"] == author]

    def close(self) -> None:
        """Close the tab."""
        self.socket.close()


def conversation_of(edge: Edge, token: str) -> str:
    """The conversation behind a token."""
    found = Sessions(edge.parts.settings.secret_key, edge.parts.clock).conversation(token)
    assert found is not None
    return found


def speak(edge: Edge, here: str, text: str, agent: str | None = None, **more: Json) -> int:
    """Say something in a conversation as another process does: nobody is told."""
    seq = edge.parts.journal.say(here, Utterance(text, **more), agent=agent, now=edge.parts.clock.now())
    assert seq is not None
    return seq


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"}
