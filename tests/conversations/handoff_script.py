"""A conversation with a whole hand-off, step by step, whoever dies on the way; and what its journal must show."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

import httpx
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from peyk.adapters.clock import SystemClock
from peyk.channels.rest import hashed_message_id
from peyk.channels.webchat.sessions import Sessions
from peyk.domain.conversations import Owner
from peyk.errors import Unavailable
from peyk.services import HandOff
from tests.conversations.checks import conversation_of, new_sender, rows
from tests.conversations.people import SARA
from tests.fakes.websocket import HandshakeRefused, WebSocket
from tests.stack import Stack

Json = Any
# A client that is refused tries again; so often it never has to.
TRIES = 20
# The pauses between tries at keeping an answer grow.
SETTLES_WITHIN_S = 60
REPLY, SUMMARY = "Sara here: it is on its way", "It is on its way."
SAID = {
    "order": "where is my order TS-104233?",
    "person": "I want to talk to a human agent please",
    "waiting": "are you there?",
    "thanks": "good to know, Sara",
    "again": "where is order TS-104233?",
}
# What the operator does stands between what the customer says.
STEPS = ("order", "person", "waiting", "take", "reply", "thanks", "resolve", "again")


class Customer(Protocol):
    """A customer on one channel."""

    @property
    def here(self) -> str:
        """The conversation."""
        ...

    def send(self, message_id: str, text: str) -> bool:
        """Send a message once; False when it has to be sent again."""
        ...

    def sees(self, sent: dict[str, str]) -> list[str]:
        """Return the texts of all answers this channel shows, in order."""
        ...


class ByRest:
    """A shop's program."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._name = new_sender()
        self.here = conversation_of(stack, self._name)
        # Texts that were answered in place: should the store be away just then, the journal does not know.
        self.told: set[str] = set()

    def send(self, message_id: str, text: str) -> bool:
        try:
            answer = self._stack.say(text, self._name, message_id=message_id)
        except httpx.TransportError:
            return False
        if answer.status == httpx.codes.OK and answer.messages:
            self.told.add(text)
        return answer.status == httpx.codes.OK

    def sees(self, sent: dict[str, str]) -> list[str]:
        answers = [self._stack.say(text, self._name, message_id=message_id) for message_id, text in sent.items()]
        assert all(answer.status == httpx.codes.OK for answer in answers)
        return [message["text"] for answer in answers for message in answer.messages]


class ByChat:
    """A browser where no WebSocket comes through."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.token: str = stack.http.post("/chat/session", json={"language": "en"}).json()["token"]
        self.here = str(Sessions(SecretStr(stack.programs.secret_key), SystemClock()).conversation(self.token))

    def send(self, message_id: str, text: str) -> bool:
        try:
            headers = {"Authorization": f"Bearer {self.token}"}
            answer = self._stack.http.post("/chat/messages", json={"id": message_id, "text": text}, headers=headers)
            return answer.status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def sees(self, sent: dict[str, str]) -> list[str]:
        back = self._stack.http.post("/chat/session", json={"token": self.token, "pending": list(sent)}).json()
        assert not back["new"]
        assert set(back["known"]) == set(sent)
        assert [entry["seq"] for entry in back["entries"]] == list(range(1, back["conversation"]["last_seq"] + 1))
        return [entry["text"] for entry in back["entries"] if entry["author"] != "customer"]


class BySocket(ByChat):
    """A browser with the widget: a socket that broke is opened again."""

    def send(self, message_id: str, text: str) -> bool:
        try:
            with WebSocket(self._stack.programs.url) as socket:
                socket.send(type="hello", token=self.token, after=0, language="en", pending=[message_id])
                return _is_done(socket, message_id, text)
        except (OSError, HandshakeRefused):
            return False


def _is_done(socket: WebSocket, message_id: str, text: str) -> bool:
    """Tell whether a message is kept, and answered if the bot owes it an answer."""
    place, owner, last = 0, "bot", 0
    while (frame := socket.read()) is not None:
        match frame["type"]:
            case "welcome":
                place, owner = frame["known"].get(message_id, 0), frame["owner"]
                last = max((entry["seq"] for entry in frame["entries"] if entry["author"] != "customer"), default=0)
                socket.send(type="message", id=message_id, text=text)
            case "accepted":
                place = frame["seq"]
            case "entry" if frame["author"] != "customer":
                last = frame["seq"]
            case "owner":
                owner = frame["owner"]
            case "refused":
                return False
        if place and (owner != "bot" or last > place):
            return True
    return False


CHANNELS: tuple[Callable[[Stack], Customer], ...] = (ByRest, BySocket, ByChat)


@dataclass
class Talk:
    """One conversation at a step of the script."""

    stack: Stack
    people: HandOff
    customer: Customer
    ids: dict[str, str] = field(default_factory=lambda: {step: f"{step}-{secrets.token_hex(6)}" for step in SAID})
    done: list[str] = field(default_factory=list)
    # What the customer has sent, by id, in order.
    sent: dict[str, str] = field(default_factory=dict)

    @property
    def next(self) -> str:
        """The step that comes."""
        return STEPS[len(self.done)]

    def go_to(self, step: str) -> None:
        """Do everything before a step."""
        while self.next != step:
            self.insist()

    def go_on(self) -> None:
        """Do everything that is left."""
        while len(self.done) < len(STEPS):
            self.insist()

    def insist(self) -> None:
        """Do the next step, as often as it takes."""
        step = self.next
        if step == "take":
            self._ask_again()
        assert any(self.attempt() for _ in range(TRIES)), f"{step} of {self.customer.here} was never taken"

    def attempt(self) -> bool:
        """Try the next step once; False when it has to be done again."""
        if self.next in SAID:
            done = self._send(self.ids[self.next], SAID[self.next])
        else:
            try:
                done = self._operate(self.next)
            except (Unavailable, OperationalError):
                done = False
        if done:
            self.done.append(self.next)
        return done

    def kept(self) -> bool:
        """Tell whether the next message stands in the journal."""
        query = "SELECT seq FROM journal WHERE conversation_id = :here AND message_id = :id"
        return bool(rows(self.stack, query, here=self.customer.here, id=hashed_message_id(self.ids[self.next])))

    def _operate(self, step: str) -> bool:
        here = self.customer.here
        match step:
            case "take":
                return self.people.take(here, SARA.id) or self._owner() == Owner.AGENT
            case "reply":
                return self.people.reply(here, SARA.id, REPLY, message_id="reply") is not None
            case _:
                return self.people.resolve(here, SARA.id, SUMMARY) or self._owner() == Owner.BOT

    def _send(self, message_id: str, text: str) -> bool:
        done = self.customer.send(message_id, text)
        if done:
            self.sent[message_id] = text
        return done

    def _ask_again(self) -> None:
        # Without the store an action cannot hand over; the customer has been told.
        for number in range(TRIES):
            if self._owner() != Owner.BOT:
                return
            own_id = f"{self.ids['person']}-{number}"
            assert any(self._send(own_id, SAID["person"]) for _ in range(TRIES)), "it was never taken"

    def _owner(self) -> str:
        for _ in range(TRIES):
            with suppress(OperationalError):
                (row,) = rows(self.stack, "SELECT owner FROM conversations WHERE id = :here", here=self.customer.here)
                return str(row[0])
        raise AssertionError("the database stays away")

    def check(self) -> None:
        """Look at what is left of it: nothing lost, nothing doubled, one party speaking at a time."""
        entries = self._settled()
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        of_customer = [entry for entry in entries if entry.author == "customer"]
        assert [entry.message_id for entry in of_customer] == [hashed_message_id(each) for each in self.sent]
        assert [entry.text for entry in of_customer] == list(self.sent.values())
        assert set(self.ids.values()) <= set(self.sent)
        assert [entry.text for entry in entries if entry.author == "agent"] == [REPLY]
        owner, handed_over, owed = _walk(entries)
        assert owner == self._owner()
        told = self.customer.told if isinstance(self.customer, ByRest) else set()
        assert not owed - told, f"{owed} were never answered"
        query = "SELECT closed_at FROM handoffs WHERE conversation_id = :here AND began_at IS NOT NULL"
        cases = rows(self.stack, query, here=self.customer.here)
        assert len(cases) == handed_over, f"{len(cases)} hand-offs, {handed_over} said"
        assert [closed for (closed,) in cases].count(None) == (owner != Owner.BOT)
        self._check_shown(entries)

    def _settled(self) -> list[Kept]:
        """Return what is in the journal, once what the store could not take at first is there."""
        query = (
            "SELECT seq, author, text, custom, message_id, answers, at FROM journal "
            "WHERE conversation_id = :here ORDER BY seq"
        )
        for _ in range(SETTLES_WITHIN_S):
            entries = [Kept(*row) for row in rows(self.stack, query, here=self.customer.here)]
            if isinstance(self.customer, ByRest) or not _walk(entries)[2]:
                break
            Event().wait(1)
        return entries

    def _check_shown(self, entries: list[Kept]) -> None:
        sent, expected = self.sent, [entry.text for entry in entries if entry.author != "customer"]
        if isinstance(self.customer, ByRest):
            # What people have read is the bot's, were it sent again now.
            places = {entry.message_id: entry.seq for entry in entries if entry.author == "customer"}
            answered = {entry.answers for entry in entries}
            sent = {each: text for each, text in sent.items() if places[hashed_message_id(each)] in answered}
            expected = [entry.text for entry in entries if entry.answers is not None]
        shown = self.customer.sees(sent)
        assert shown == expected, f"{shown} instead of {expected}"


@dataclass(frozen=True)
class Kept:
    """A row of the journal."""

    seq: int
    author: str
    text: str | None
    custom: str | None
    message_id: str | None
    answers: int | None
    at: object

    @property
    def gives_to(self) -> str | None:
        """Who has the conversation after this."""
        state = json.loads(self.custom or "{}").get("handoff", {}).get("state")
        return {"queued": "queue"}.get(state, state) if self.author in {"bot", "system"} else None


def _walk(entries: list[Kept]) -> tuple[str, int, set[str]]:
    """Follow who has the conversation; return who has it in the end, how often people got it, and what is owed."""
    owner, handed_over = "bot", 0
    owed: dict[int, str] = {}
    answered: dict[int, object] = {}
    for entry in entries:
        if entry.author == "customer" and owner == "bot":
            owed[entry.seq] = entry.text or ""
        if entry.author == "bot" or entry.answers is not None:
            assert owner == "bot", f"{entry} while {owner} had it"
        if entry.author == "agent":
            assert owner == "agent", f"{entry} while {owner} had it"
        if entry.answers is not None:
            assert answered.setdefault(entry.answers, entry.at) == entry.at, f"{entry} answers once more"
            owed.pop(entry.answers, None)
        if entry.gives_to is not None:
            assert entry.gives_to != owner, f"{entry} is said twice"
            if owner == "bot":
                handed_over += 1
                # People read what the bot could not answer while the store was away; it does not answer it later.
                owed.clear()
            owner = entry.gives_to
    return owner, handed_over, set(owed.values())
