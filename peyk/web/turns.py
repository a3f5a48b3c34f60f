"""One message after the other: order within a conversation, repeats, tokens, and the way to Rasa and back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from peyk.channels import Incoming, Refused
from peyk.domain.conversations import Author, Owner, Utterance
from peyk.errors import ExternalError
from peyk.ports.journal import Accepted, BotAnswer
from peyk.text.language import detect
from peyk.web.buttons import hide_payloads
from peyk.web.commands import CommandResult, Commands, is_command
from peyk.web.files import Evidence
from peyk.web.handover import HandOver, caller_of, take_mark
from peyk.web.keeper import Keeper
from peyk.web.memory import Memory
from peyk.web.rasa import Rasa, Said
from peyk.web.sentences import Answer, Languages, refusal, sentence

log = structlog.get_logger(__name__)

MAX_WAITING_PER_CONVERSATION = 20
MAX_RUNNING = 1000
RETRY_UNAVAILABLE_S = 10
RETRY_BUSY_S = 2
RETRY_LIMIT_S = 60


@dataclass
class _Lane:
    """A conversation with messages under way; the lock serves them in the order they came."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A message under way: `kept` is there as soon as it stands in the journal (None: it could not be kept)."""

    kept: asyncio.Future[Accepted | None]
    answer: asyncio.Future[Answer]


class Turns:
    """Answers messages. A repeat of a message that is being processed shares its answer."""

    def __init__(
        self,
        rasa: Rasa,
        memory: Memory,
        languages: Languages,
        hand_over: HandOver,
        commands: Commands,
        keeper: Keeper,
        nudge: Callable[[str], None] = lambda _: None,
        evidence: Evidence | None = None,
    ) -> None:
        """Begin with no message under way; `nudge` is told each conversation in which something new is kept.

        `evidence` attaches the files of messages and says that they have come.
        """
        self._evidence = evidence
        self._keeper = keeper
        self._hand_over = hand_over
        self._commands = commands
        self._nudge = nudge
        self._rasa = rasa
        self._memory = memory
        self._languages = languages
        # A lane lives only while messages are under way, so there is nothing to evict.
        self._lanes: dict[str, _Lane] = {}
        self._running: dict[tuple[str, str, str], Taken] = {}

    async def answer(self, incoming: Incoming) -> Answer:
        """Return the answer to a message. Raises Refused when too many messages wait."""
        # The turn goes on when this client hangs up: another may wait for the same answer.
        return await asyncio.shield(self.take(incoming).answer)

    def take(self, incoming: Incoming) -> Taken:
        """Take a message in, after those before it. Raises Refused when too many messages wait."""
        if incoming.message_id is not None:
            key = (incoming.conversation_id, "id", incoming.message_id)
        else:
            said = " ".join([incoming.token or incoming.text or "", *(file.id for file in incoming.files)])
            key = (incoming.conversation_id, "text", said)
        running = self._running.get(key)
        if running is None:
            running = self._begin(incoming)
            self._running[key] = running
            running.answer.add_done_callback(lambda _: self._running.pop(key, None))
        return running

    async def finish(self) -> None:
        """Let the messages under way come to their end."""
        await asyncio.gather(*(taken.answer for taken in self._running.values()), return_exceptions=True)
        await self._keeper.stop()

    def _begin(self, incoming: Incoming) -> Taken:
        lane = self._lanes.get(incoming.conversation_id) or _Lane()
        if lane.messages >= MAX_WAITING_PER_CONVERSATION:
            raise Refused("busy", 429, retry_after_s=RETRY_BUSY_S)
        if len(self._running) >= MAX_RUNNING:
            raise Refused("unavailable", 503, retry_after_s=RETRY_UNAVAILABLE_S)
        self._lanes[incoming.conversation_id] = lane
        lane.messages += 1
        kept: asyncio.Future[Accepted | None] = asyncio.get_running_loop().create_future()
        return Taken(kept, asyncio.ensure_future(self._in_order(incoming, lane, kept)))

    async def _in_order(self, incoming: Incoming, lane: _Lane, kept: asyncio.Future[Accepted | None]) -> Answer:
        begun = time.perf_counter()
        try:
            async with lane.lock:
                answer = await self._process(incoming, kept)
        finally:
            if not kept.done():
                kept.set_result(None)
            lane.messages -= 1
            if not lane.messages:
                del self._lanes[incoming.conversation_id]
        ms = round((time.perf_counter() - begun) * 1000, 1)
        log.info("edge.answered", conversation_id=incoming.conversation_id, status=answer.status, ms=ms)
        return answer

    async def _process(self, incoming: Incoming, kept: asyncio.Future[Accepted | None]) -> Answer:
        detected = detect(incoming.text) if incoming.text and incoming.for_bot else None
        language = detected or self._languages.of(incoming.conversation_id)
        before: tuple[Utterance, ...] = ()
        try:
            await self._keeper.settle(incoming.conversation_id)
            accepted = await self._memory.accept(incoming, detected)
            kept.set_result(accepted)
            self._nudge(incoming.conversation_id)
            language = accepted.language or language
            self._languages.remember(incoming.conversation_id, language)
            if is_command(accepted.payload):
                return await self._command(incoming, accepted, language)
            if accepted.answered:
                return Answer(200, accepted.replies)
            before = await self._edge_says(incoming, language)
            if accepted.owner is not Owner.BOT:
                if incoming.asks_bot and incoming.token is not None and accepted.payload is None:
                    # Most likely one of the edge's own, whose time is over: nobody else would answer it.
                    return await self._expired(incoming, accepted, language)
                # A person answers, in a message of their own.
                return Answer(200, ())
            said, retry_after_s = await self._ask(incoming, accepted, language)
            said = replace(said, utterances=(*before, *said.utterances))
            if not await self._keeper.keep(incoming.conversation_id, accepted.seq, said):
                return Answer(200, await self._memory.answered(incoming.conversation_id, accepted.seq))
        except ExternalError as exc:
            answer = _unavailable(exc, incoming, language, before)
            return replace(answer, owed=self._keeper.owes(incoming.conversation_id))
        return Answer(429 if retry_after_s else 200, said.utterances, retry_after_s)

    async def _ask(self, incoming: Incoming, accepted: Accepted, language: str) -> tuple[BotAnswer, int]:
        """Return the answer, and the seconds to wait when a limit was reached (0: none was). Raises ExternalError."""
        if not incoming.asks_bot:
            return BotAnswer(()), 0
        if incoming.token is not None and accepted.payload is None:
            return BotAnswer((sentence(Refused("button_expired", 200), language),)), 0
        people = await self._hand_over.instead_of_bot(incoming, accepted, language)
        if people is not None:
            return people, 0
        try:
            await self._hand_over.begin_anew(incoming, accepted)
            messages, hands_over = take_mark(await self._rasa.send(incoming, accepted.payload))
        except ExternalError as exc:
            people = await self._hand_over.for_bot_down(incoming, exc, language)
            if people is None:
                raise
            log.warning("edge.bot_down", conversation_id=incoming.conversation_id, error=str(exc))
            return people, 0
        retry_after_s = _take_limit(messages)
        utterances, offers = hide_payloads(messages)
        # Whoever was refused may send the same message again.
        return BotAnswer(utterances, offers, repeatable=not retry_after_s, hand_over=hands_over), retry_after_s

    async def _command(self, incoming: Incoming, accepted: Accepted, language: str) -> Answer:
        """Answer one of the edge's own buttons, whoever has the conversation."""
        here, seq, payload = incoming.conversation_id, accepted.seq, accepted.payload or ""
        if accepted.answered and accepted.replies:
            return Answer(200, accepted.replies)
        # What changed hands was said with the change, not as an answer.
        earlier = await self._memory.said_after(here, seq) if accepted.duplicate else []
        if earlier:
            await self._memory.answer(here, seq, BotAnswer(()))
            return Answer(200, earlier)
        result = await self._memory.run(lambda: self._commands.run(caller_of(incoming), payload))
        if result is None:
            return await self._expired(incoming, accepted, language)
        if not result.said:
            await self._say(here, seq, accepted.owner, result)
        self._nudge(here)
        return Answer(200, result.utterances)

    async def _expired(self, incoming: Incoming, accepted: Accepted, language: str) -> Answer:
        """Say that a button is no longer good, whoever has the conversation."""
        result = CommandResult((sentence(Refused("button_expired", 200), language),))
        await self._say(incoming.conversation_id, accepted.seq, accepted.owner, result)
        self._nudge(incoming.conversation_id)
        return Answer(200, result.utterances)

    async def _say(self, conversation_id: str, seq: int, owner: Owner, result: CommandResult) -> None:
        if owner is Owner.BOT:
            said = BotAnswer(result.utterances, result.offers, author=Author.SYSTEM)
            if await self._memory.answer(conversation_id, seq, said):
                return
        for place, utterance in enumerate(result.utterances):
            await self._memory.say(conversation_id, utterance, result.offers, f"command-{seq}-{place}")

    async def _edge_says(self, incoming: Incoming, language: str) -> tuple[Utterance, ...]:
        """Attach the files of a message; return what the edge says to it before the bot."""
        before = tuple(says(language) for says in incoming.edge_says)
        if not incoming.files or self._evidence is None:
            return before
        said = await self._evidence.acknowledge(incoming.conversation_id, incoming.files, language)
        return before if incoming.quiet else (*before, said)


def _unavailable(exc: ExternalError, incoming: Incoming, language: str, before: tuple[Utterance, ...]) -> Answer:
    log.warning("edge.unavailable", conversation_id=incoming.conversation_id, error=str(exc))
    answer = refusal(Refused("unavailable", 503, retry_after_s=RETRY_UNAVAILABLE_S), language)
    # What has come beside the words has come.
    return replace(answer, utterances=(*before, *answer.utterances))


def _take_limit(messages: list[Said]) -> int:
    """Remove what actions say of limits; return the seconds to wait, 0 when no limit was reached."""
    retry_after_s = 0
    for message in messages:
        custom = message.get("custom")
        if not custom or "limit" not in custom:
            continue
        wait = custom.get("retry_after_s")
        retry_after_s = max(retry_after_s, wait if isinstance(wait, int) and wait > 0 else RETRY_LIMIT_S)
        message["custom"] = {name: value for name, value in custom.items() if name not in {"limit", "retry_after_s"}}
        if not message["custom"]:
            del message["custom"]
    return retry_after_s
