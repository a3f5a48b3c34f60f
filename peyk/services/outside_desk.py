"""Chats at an outside desk: given to its people, what customers write told to them, what they write said to customers.

Who has a conversation and what was said stands in the journal alone. Each step begins by comparing it with what the
desk knows, and may be broken off anywhere and done again: what comes in has the desk's own number and is said once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

import structlog
from pydantic import SecretStr

from peyk.domain.conversations import Author, Entry, Owner, Ownership
from peyk.domain.outside import Line, PersonSays, ThreadNews, ThreadStatus
from peyk.errors import ExternalError, NotFound
from peyk.ports.clock import Clock
from peyk.ports.handoff_desk import HandOffDesk, Thread, Threads
from peyk.ports.journal import Journal
from peyk.services.desk_rounds import pause, work_through
from peyk.services.outside_words import Words

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
BATCH = 20
# As many entries as people read of what came before, and as go out at once.
ENTRIES = 100
# Where no webhook says that something has happened: it may be missing (chatwoot#9277).
LOOK_EVERY = timedelta(seconds=30)
FIRST_PAUSE = timedelta(seconds=3)
LONGEST_PAUSE = timedelta(minutes=2)
# Who resolved it without having written.
NOBODY = "0"
ID_CHARS = 40


class Packet(Protocol):
    """What the bot knows when it hands over (`peyk.domain.handoff.Packet`)."""

    @property
    def wanted(self) -> str:
        """What the customer asked for."""
        ...

    @property
    def reason(self) -> str:
        """Why it is handed over."""
        ...

    @property
    def order(self) -> Mapping[str, Any] | None:
        """The order as the bot sees it."""
        ...

    @property
    def level(self) -> int:
        """What the customer has proven."""
        ...

    @property
    def mobile(self) -> str | None:
        """The mobile, masked."""
        ...

    @property
    def tried(self) -> tuple[str, ...]:
        """What was tried."""
        ...


class HandedOver(Protocol):
    """A hand-off (`peyk.domain.handoff.Handoff`)."""

    @property
    def packet(self) -> Packet:
        """What people are told."""
        ...


class People(Protocol):
    """What an outside desk asks of the hand-off service (`peyk.services.handoff.HandOff`)."""

    def take(self, conversation_id: str, agent: str) -> bool:
        """Give a waiting conversation to an agent."""
        ...

    def transfer(self, conversation_id: str, agent: str, *, to_agent: str | None = None) -> bool:
        """Give an agent's conversation to a colleague."""
        ...

    def reply(self, conversation_id: str, agent: str, text: str, *, message_id: str) -> int | None:
        """Say what an agent writes, once a message id."""
        ...

    def resolve(self, conversation_id: str, agent: str, summary: str) -> bool:
        """Give an agent's conversation back to the bot, and say so."""
        ...

    def packet(self, conversation_id: str) -> HandedOver | None:
        """Return the hand-off of a conversation."""
        ...


class OutsideDesk:
    """Keeps conversations and their chats outside alike; `tick` does what is due."""

    def __init__(
        self,
        *,
        desk: HandOffDesk,
        threads: Threads,
        journal: Journal,
        people: People,
        clock: Clock,
        secret_key: SecretStr,
        language: str,
    ) -> None:
        self._desk = desk
        self._threads = threads
        self._journal = journal
        self._people = people
        self._clock = clock
        self._words = Words(secret_key, language)

    @property
    def system(self) -> str:
        """The desk's name."""
        return self._desk.system

    def tick(self) -> int:
        """Work on the chats that are due; return how many. Raises Unavailable("store")."""
        claimed = self._threads.claim(self.system, self._clock.now(), lease=LEASE, limit=BATCH)
        return work_through(claimed, self._sync, self._later)

    def nudge(self, external_id: str, *, written: bool = False) -> bool:
        """Have a chat looked at in which something has happened; False when it is none of ours.

        One that is done is looked at only when somebody has `written` in it.
        """
        return self._threads.nudge(self.system, external_id, self._clock.now(), closed_too=written)

    def _sync(self, thread: Thread) -> None:
        here = thread.conversation_id
        if thread.closed and not self._opened_again(thread):
            return
        if thread.external_id is None and self._journal.owner(here).owner is Owner.BOT:
            # Back before anybody outside heard of it.
            self._threads.close(thread, self._clock.now())
            return
        external_id, next_seq = thread.external_id, thread.next_seq
        if external_id is None:
            external_id, next_seq = self._open(thread)
        try:
            self._forward(thread, external_id, next_seq)
            news = self._desk.read(external_id, thread.last_id)
        except NotFound:
            # Deleted there. Whoever still needs somebody gets a new one.
            log.warning("desk.gone", conversation_id=here)
            self._threads.close(thread, self._clock.now())
            return
        self._hear(thread, external_id, news)
        self._settle(thread, external_id, news.status)

    def _opened_again(self, thread: Thread) -> bool:
        """Tell whether somebody has written in a chat that was done; if so it goes on."""
        try:
            late = self._desk.read(str(thread.external_id), thread.last_id).said
        except NotFound:
            late = ()
        if late and self._threads.reopen(thread):
            return True
        for said in late:
            key = f"{thread.key}/undelivered/{said.id}"
            self._desk.tell(str(thread.external_id), key, self._words.undelivered(said))
            self._threads.heard(thread, said.id)
        self._threads.close(thread, self._clock.now())
        return False

    def _open(self, thread: Thread) -> tuple[str, int]:
        """Give the conversation to people, with what was said so far; return its id there and what is next."""
        here = thread.conversation_id
        about = self._journal.about(here)
        first = max(0, (about.last_seq if about else 0) - ENTRIES)
        entries = self._entries(here, first)
        handoff = self._people.packet(here)
        brief = self._words.brief(here, handoff.packet if handoff else None, entries, about.channel if about else "")
        asked = [entry for entry in entries if entry.author is Author.CUSTOMER][-1:]
        external_id = self._desk.open(thread.key, brief, self._lines(thread, asked))
        next_seq = entries[-1].seq + 1 if entries else 1
        self._threads.opened(thread, external_id, next_seq)
        log.info("desk.opened", conversation_id=here, system=self.system, external_id=external_id)
        return external_id, next_seq

    def _forward(self, thread: Thread, external_id: str, next_seq: int) -> None:
        while entries := self._entries(thread.conversation_id, next_seq - 1):
            # What people said outside is there already.
            lines = self._lines(thread, [entry for entry in entries if entry.author is not Author.AGENT])
            if lines:
                self._desk.forward(external_id, lines)
            next_seq = entries[-1].seq + 1
            self._threads.forwarded(thread, next_seq)

    def _hear(self, thread: Thread, external_id: str, news: ThreadNews) -> None:
        for said in news.said:
            if not self._say(thread.conversation_id, external_id, said):
                self._desk.tell(external_id, f"{thread.key}/undelivered/{said.id}", self._words.undelivered(said))
            self._threads.heard(thread, said.id)
        if news.last_id > thread.last_id:
            self._threads.heard(thread, news.last_id)

    def _say(self, here: str, external_id: str, said: PersonSays) -> bool:
        """Say to the customer what a person outside wrote; False when somebody else has the conversation."""
        agent = f"{self.system}:{said.agent}"
        message_id = hashlib.sha256(f"{self.system}\0{external_id}\0{said.id}".encode()).hexdigest()[:ID_CHARS]
        # First as it stands: what an attempt that was broken off has said needs nobody to hold the conversation now.
        if self._people.reply(here, agent, said.text, message_id=message_id) is not None:
            return True
        return self._hold(here, agent) and (
            self._people.reply(here, agent, said.text, message_id=message_id) is not None
        )

    def _hold(self, here: str, agent: str) -> bool:
        """Give the conversation to somebody outside who wrote in it; False when a person elsewhere has it."""
        owner = self._journal.owner(here)
        if owner.agent == agent:
            return True
        if owner.owner is Owner.BOT:
            # A person's word comes before the bot's, and is never lost.
            if not self._journal.change_owner(here, owner, Ownership(Owner.QUEUE), self._clock.now()):
                return False
        elif owner.agent is not None:
            theirs = owner.agent.startswith(f"{self.system}:")
            return theirs and self._people.transfer(here, owner.agent, to_agent=agent)
        return self._people.take(here, agent)

    def _settle(self, thread: Thread, external_id: str, status: ThreadStatus) -> None:
        """Give the conversation back to the bot when people are done, and tell them when the bot has it."""
        here, now = thread.conversation_id, self._clock.now()
        if status is not ThreadStatus.PEOPLE:
            self._give_back(here)
        owner = self._journal.owner(here)
        if owner.owner is not Owner.BOT and (status is ThreadStatus.PEOPLE or self._is_ours(owner)):
            self._threads.let_go(thread, now + LOOK_EVERY)
            return
        if status is not ThreadStatus.OVER:
            self._desk.close(external_id)
        self._threads.close(thread, now)
        log.info("desk.closed", conversation_id=here, system=self.system, external_id=external_id)

    def _give_back(self, here: str) -> None:
        owner = self._journal.owner(here)
        agent = owner.agent or f"{self.system}:{NOBODY}"
        if owner.owner is Owner.QUEUE and not self._people.take(here, agent):
            return
        if owner.owner is not Owner.BOT and self._is_ours(Ownership(Owner.AGENT, agent)):
            self._people.resolve(here, agent, "")

    def _is_ours(self, owner: Ownership) -> bool:
        return owner.agent is None or owner.agent.startswith(f"{self.system}:")

    def _entries(self, here: str, after: int) -> list[Entry]:
        return self._journal.entries(here, after_seq=after, now=self._clock.now(), limit=ENTRIES, for_people=True)

    def _lines(self, thread: Thread, entries: list[Entry]) -> list[Line]:
        lines = [
            Line(f"{thread.key}/{entry.seq}", self._words.of(entry), entry.at, entry.author is Author.CUSTOMER)
            for entry in entries
        ]
        return [line for line in lines if line.text]

    def _later(self, thread: Thread, exc: ExternalError) -> None:
        wait = pause(thread.attempts, exc, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        self._threads.failed(thread, f"{type(exc).__name__}: {exc}", self._clock.now() + wait)
        log.warning("desk.failed", conversation_id=thread.conversation_id, error=str(exc))
