"""The web chat behind socket and HTTP: sessions, what a conversation looks like, and the way of a message."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from peyk.channels import Incoming, Refused
from peyk.channels.rest import hashed_message_id
from peyk.channels.webchat import CHANNEL
from peyk.channels.webchat.frames import Hello, Said
from peyk.channels.webchat.render import as_entry, as_error, as_owner, shown_order
from peyk.channels.webchat.sessions import Sessions
from peyk.domain.conversations import Author, Caller, Entry, Owner, Ownership
from peyk.domain.files import StoredFile
from peyk.domain.identity import Verification
from peyk.errors import ExternalError, NotFound, Throttled
from peyk.ports import Clock
from peyk.ports.journal import About, Accepted, Journal
from peyk.services.follow import STAGE
from peyk.settings import Settings
from peyk.web.addresses import ClientAddresses
from peyk.web.bursts import Bursts
from peyk.web.files import Evidence
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.sentences import Answer, Languages, sentence
from peyk.web.turns import RETRY_UNAVAILABLE_S, Taken, Turns
from peyk.web.webchat.crowd import Crowd
from peyk.web.webchat.seams import FollowsOrders, People
from peyk.web.webchat.signals import Signals

log = structlog.get_logger(__name__)

HISTORY = 50
BATCH = 100
# Looking orders up may take as long as a carrier: apart from the threads that messages need.
CARD_THREADS = 2
TOLD = 10_000
# Browsers show the sign of writing for longer than this.
TYPING_S = 5.0

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in its conversation; `new` says that nothing it may still show belongs to it."""

    conversation_id: str
    address: str
    correlation_id: str
    language: str
    new: bool = False

    @property
    def caller(self) -> Caller:
        """Who asks, as services see it."""
        return Caller(self.conversation_id, self.address, self.correlation_id)


@dataclass(frozen=True, slots=True)
class View:
    """What is new of a conversation, and who has it."""

    last_seq: int
    ownership: Ownership
    owner: Json
    language: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An order pollers were told of, and the proof that had opened it (None: nothing beyond its stage was told)."""

    order: Json
    proof: Verification | None

    def under(self, proof: Verification | None) -> Told:
        """Return what may be told again under a proof: without the one that had opened it, the stage."""
        if self.proof is not None and self.proof == proof:
            return self
        return Told({name: self.order[name] for name in STAGE if name in self.order}, None)


class WebChat:
    """What all sockets and requests of the web chat share."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        journal: Journal,
        memory: Memory,
        turns: Turns,
        live: Live,
        bursts: Bursts,
        languages: Languages,
        addresses: ClientAddresses,
        orders: FollowsOrders,
        evidence: Evidence,
        people: People,
    ) -> None:
        """Begin with nobody connected."""
        self.settings = settings
        self.live = live
        self.bursts = bursts
        self.addresses = addresses
        self.evidence = evidence
        self.sessions = Sessions(settings.secret_key, clock)
        self.crowd = Crowd(settings.webchat_sockets, settings.webchat_sockets_per_address)
        self.signals = Signals()
        self._clock = clock
        self._journal = journal
        self._memory = memory
        self._turns = turns
        self._languages = languages
        self._orders = orders
        self._people = people
        # What customers call the agents whose words were looked at.
        self._agents: dict[str, str | None] = {}
        self._threads = ThreadPoolExecutor(CARD_THREADS, thread_name_prefix="edge-cards")
        # The orders pollers were told of, by conversation: what is told again is not shown anew.
        self._told: OrderedDict[str, Told] = OrderedDict()

    def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def open(self, hello: Hello, address: str, correlation_id: str) -> Session:
        """Return the session a client comes back to, or a new one. Raises Throttled and Unavailable."""
        here = self.sessions.conversation(hello.token)
        known: About | None = None
        if here is None:
            await self.bursts.count_session(address)
        else:
            known = await self._memory.run(lambda: self._journal.about(here))
        if hello.language and here and self._languages.known(here) is None:
            self._languages.remember(here, hello.language)
        gone = hello.after > (known.last_seq if known else 0)
        language = (known.language if known else None) or hello.language or self.settings.default_language
        return Session(here or self.sessions.begin(), address, correlation_id, language, here is None or gone)

    def session(self, token: str, address: str, correlation_id: str) -> Session | None:
        """Return the session of a token, None for one that is not ours or no longer good."""
        here = self.sessions.conversation(token)
        if here is None:
            return None
        return Session(here, address, correlation_id, self._languages.of(here))

    async def view(self, here: str, after: int | None) -> View:
        """Return what was said after `after`, `BATCH` entries at most; with None the latest. Raises Unavailable."""

        def look() -> View:
            now = self._clock.now()
            news = self._journal.news(here, after_seq=after, back=HISTORY, now=now, limit=BATCH)
            if news is None:
                return View(0, Ownership(), as_owner(Ownership()), None, ())
            known, entries = news
            owner = self._owner(here, known.ownership)
            for agent in {entry.agent for entry in entries if entry.agent}:
                self._agents[agent] = self._people.name(agent)
            return View(known.last_seq, known.ownership, owner, known.language, tuple(entries))

        return await self._memory.run(look)

    async def kept(self, here: str, message_ids: tuple[str, ...]) -> dict[str, int]:
        """Return the places of those of a client's messages that have arrived. Raises Unavailable."""
        if not message_ids:
            return {}
        hashes = {hashed_message_id(each): each for each in message_ids}
        found = await self._memory.run(lambda: self._journal.seqs_of(here, list(hashes)))
        return {hashes[each]: seq for each, seq in found.items()}

    async def take(self, session: Session, said: Said) -> tuple[Taken, str]:
        """Take a message in, as every channel's; return it with its hashed id. Raises PeykError."""
        here = session.conversation_id
        await self.bursts.count_sender(here)
        said.judge(self.settings.message_max_chars)
        message_id = hashed_message_id(said.id)
        incoming = Incoming(
            conversation_id=here,
            channel=CHANNEL,
            text=said.text,
            token=said.token,
            message_id=message_id,
            address=session.address,
            correlation_id=session.correlation_id,
            files=await self._sent(here, said),
        )
        return self._turns.take(incoming), message_id

    async def news_of_order(self, session: Session, shown: Json) -> Json | None:
        """Return the order of a card as it is now, if it has changed; whatever goes wrong stays unseen."""
        if not self._orders.goes_on(shown):
            return None
        language = self._languages.known(session.conversation_id) or session.language
        call = lambda: self._orders.news(session.caller, shown, language)  # noqa: E731
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except ExternalError as exc:
            log.info("webchat.card_left", error=str(exc))
        return None

    async def order_of_poll(self, session: Session, shown: Json) -> Json | None:
        """Return the order if it has moved on since its card `shown` was kept, however often it is asked for."""
        here = session.conversation_id
        proof = await self._proof(session)
        told = self._told.get(here)
        if told is not None and told.order.get("orderId") != shown.get("orderId"):
            told = None
        if told is not None:
            told = told.under(proof)
        news = await self.news_of_order(session, told.order if told else shown)
        if news is not None:
            # Under the proof from before the look: one that came or went meanwhile opens nothing of it later.
            self._told[here] = Told(news, proof)
            self._told.move_to_end(here)
            if len(self._told) > TOLD:
                self._told.popitem(last=False)
            return news
        # The look may have taken long enough for the proof to end.
        return told.under(await self._proof(session)).order if told else None

    async def _proof(self, session: Session) -> Verification | None:
        try:
            return await self._memory.run(lambda: self._orders.proof(session.caller))
        except ExternalError as exc:
            log.info("webchat.proof_unknown", error=str(exc))
        return None

    def seen(self, here: str, entries: tuple[Entry, ...]) -> int:
        """Return up to where the customer has been read: by who answered, or by who has looked."""
        return max([self.signals.read_up_to(here), *map(seen_by, entries)])

    def customer_writes(self, here: str) -> bool:
        """Tell whether the customer was writing just now."""
        return self.signals.customer_writes(here)

    def agent_writes(self, here: str) -> None:
        """Let the customer know that a person is writing."""
        self.signals.typing(here, Author.AGENT)

    def agent_read(self, here: str, seq: int) -> None:
        """Let the customer know that a person has read everything up to `seq`."""
        if self.signals.seen(here, Author.AGENT, seq):
            # Who polls waits for news of the journal.
            self.live.nudge(here)

    def entry(self, entry: Entry) -> Json:
        """Return an entry as clients get it."""
        return as_entry(entry, self.evidence.files.link, agent_name=self._agents.get(entry.agent or ""))

    def age_s(self, entry: Entry) -> float:
        """Return how long ago something was said."""
        return (self._clock.now() - entry.at).total_seconds()

    async def link(self, here: str, seq: int, file_id: str) -> str:
        """Return a fresh path that opens a file of entry `seq` for a while. Raises Refused, Unavailable."""

        def look() -> str:
            found = self._journal.entries(here, after_seq=seq - 1, now=self._clock.now(), limit=1) if seq else []
            named = as_entry(found[0], str).get("files", ()) if found and found[0].seq == seq else ()
            if file_id not in {each.get("id") for each in named}:
                # Never said here, or hidden since the proof it was said under has ended.
                raise NotFound(CHANNEL)
            return self.evidence.files.link_in(here, file_id)

        try:
            return await self._memory.run(look)
        except NotFound:
            raise Refused("file_gone", 404) from None

    def error(self, here: str | None, exc: Exception) -> tuple[Refused, Json]:
        """Return what an exception is to the customer, and its JSON."""
        refused = as_refusal(exc)
        log.info("edge.refused", reason=refused.code, status=refused.status)
        return refused, as_error(refused, sentence(refused, self._languages.of(here)))

    def language(self, session: Session | None) -> str:
        """Return the language of a session, or the default."""
        return self._languages.of(session.conversation_id if session else None)

    def greet(self, session: Session) -> None:
        """Remember the language a new conversation is shown in, until its customer writes in a clear one."""
        if self._languages.known(session.conversation_id) is None:
            self._languages.remember(session.conversation_id, session.language)

    async def answered(self, here: str, taken: Taken, accepted: Accepted) -> Refused | None:
        """Wait for the answer to a message that is kept, and say meanwhile that the bot works on it, if it does.

        Returns what is to be said when it stays unanswered for now.
        """
        works = accepted.owner is Owner.BOT and not accepted.answered
        if works:
            self.signals.seen(here, Author.BOT, accepted.seq)
        while works and not taken.answer.done():
            self.signals.typing(here, Author.BOT)
            await asyncio.wait({taken.answer}, timeout=TYPING_S)
        return unanswered(await asyncio.shield(taken.answer))

    async def run(self, call: Callable[[], T]) -> T:
        """Run a short call off the event loop."""
        return await self._memory.run(call)

    def _owner(self, here: str, ownership: Ownership) -> Json:
        name = self._people.name(ownership.agent) if ownership.agent else None
        place = self._people.place(here) if ownership.owner is Owner.QUEUE else None
        return as_owner(ownership, agent_name=name, place=place)

    async def _sent(self, here: str, said: Said) -> tuple[StoredFile, ...]:
        if not said.files:
            return ()
        try:
            return await self._memory.run(lambda: self.evidence.files.of(here, said.files))
        except NotFound:
            raise Refused("no_file", 422) from None


def as_refusal(exc: Exception) -> Refused:
    """Return the refusal an exception means to a customer; anything unforeseen is logged, and a pause."""
    if isinstance(exc, Refused):
        return exc
    if isinstance(exc, Throttled):
        return Refused("burst", 429, retry_after_s=exc.retry_after_s, seconds=exc.retry_after_s)
    if isinstance(exc, ExternalError):
        log.warning("edge.unavailable", error=str(exc))
    else:
        log.error("edge.failed", exc_info=exc)
    return Refused("unavailable", 503, retry_after_s=RETRY_UNAVAILABLE_S)


def unanswered(answer: Answer) -> Refused | None:
    """Return what is said of a message that is kept but has no answer yet: `Replay` asks for it again."""
    return None if answer.status < 500 else Refused("unanswered", 200)


def seen_by(entry: Entry) -> int:
    """Return up to where an entry shows that the customer has been read (0: it shows nothing)."""
    if entry.author is Author.AGENT:
        return entry.seq - 1
    return entry.answers or 0


def newest_order(entries: tuple[Entry, ...]) -> Json | None:
    """Return the last order card among entries."""
    return next((order for entry in reversed(entries) if (order := shown_order(entry)) is not None), None)
