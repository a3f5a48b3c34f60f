"""Peyk as the agent bot of Chatwoot's own channels: webhooks are in the inbox before anything else, answered after."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from peyk.channels import Incoming, Refused, signed
from peyk.channels.chatwoot import CHANNEL, BotTurn, conversation_id, message_id, parse
from peyk.domain.conversations import Owner, Ownership, Utterance
from peyk.errors import ExternalError, Throttled
from peyk.i18n import text
from peyk.logging import bind_correlation
from peyk.ports import Clock
from peyk.ports.addresses import Addresses
from peyk.ports.bot_desk import BotDesk
from peyk.ports.inbox import Inbox, Received
from peyk.ports.journal import Journal
from peyk.settings import Settings
from peyk.web.bursts import Bursts
from peyk.web.chatwoot_push import ChatwootPush
from peyk.web.desk import Desk, Job
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.patience import Patience, Timing
from peyk.web.sentences import Answer, Languages, refusal, sentence
from peyk.web.turns import RETRY_UNAVAILABLE_S, Turns

log = structlog.get_logger(__name__)

PATH = "/webhooks/chatwoot/bot"
REPEATS = "hook:chatwoot-bot"
# Older than this, a webhook's status says nothing any more; longer than an answer takes.
FRESH = timedelta(seconds=30)
# Beside the webhook in the inbox: the customer writes too fast, and is told so; seconds to wait.
BURST = "peyk_burst"


class ChatwootBotChannel:
    """Takes an agent bot's webhooks, has them answered, and hands over by opening the conversation."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        inbox: Inbox,
        journal: Journal,
        bot: BotDesk,
        memory: Memory,
        turns: Turns,
        languages: Languages,
        bursts: Bursts,
        *,
        timing: Timing,
        addresses: Addresses,
        live: Live,
    ) -> None:
        """Prepare; nothing is sent yet."""
        self._settings = settings
        self._clock = clock
        self._inbox = inbox
        self._journal = journal
        self._bot = bot
        self._memory = memory
        self._turns = turns
        self._languages = languages
        self._bursts = bursts
        self._timing = timing
        self._desk = Desk(CHANNEL, inbox, memory, clock, self.serve, timing)
        self._addresses = addresses
        self._push = ChatwootPush(clock, bot, languages, journal, addresses, memory, live, timing)
        self._tasks: list[asyncio.Task[None]] = []
        # Conversations that write too fast and have been told so, with the end of that.
        self._told: dict[str, float] = {}

    def routes(self) -> APIRouter:
        """Return the webhook's route."""
        router = APIRouter()

        @router.post(PATH, include_in_schema=False)
        async def receive(request: Request) -> Response:
            """Keep what came and say so at once: Chatwoot takes the conversation from a bot that is slow."""
            return Response(status_code=await self._receive(request))

        return router

    def start(self) -> None:
        """Work on what was left, and bring what people say, in the background."""
        self._tasks = [asyncio.create_task(each) for each in (self._resume(), self._push.run())]

    async def stop(self) -> None:
        """Take no more, and finish what is being answered."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._push.stop()
        await self._desk.stop()

    async def serve(self, job: Job) -> None:
        """Answer one message. Raises ExternalError when it has to be done again: what went out is not sent twice."""
        turn = parse(job.received.body)
        if turn is None:
            return
        correlation_id = secrets.token_hex(8)
        bind_correlation(correlation_id)
        here, now = job.received.conversation_id, self._clock.now()
        await self._memory.run(lambda: self._addresses.arrived(CHANNEL, here, str(turn.conversation), now))
        if not await self._is_for_bot(job, turn):
            return
        await self._memory.run(lambda: self._take_back(here, message_id(turn.key)))
        answer = await self._answer(self._incoming(job, turn, correlation_id))
        # An answer takes a while, and so does trying again: people may have the conversation by now.
        if not await self._is_for_bot(job, turn):
            return
        await self._say(job, turn, answer.utterances, self._languages.of(here))
        owner = await self._memory.run(lambda: self._journal.owner(here))
        if owner.owner is not Owner.BOT:
            await asyncio.to_thread(self._bot.hand_over, turn.conversation)

    def _incoming(self, job: Job, turn: BotTurn, correlation_id: str) -> Incoming:
        """Return what a customer sent; of a burst it is kept, and not answered but with the sentence for that."""
        incoming = Incoming(
            conversation_id=job.received.conversation_id,
            channel=CHANNEL,
            text=turn.text,
            token=turn.token,
            message_id=message_id(turn.key),
            correlation_id=correlation_id,
        )
        if BURST not in job.received.body:
            return incoming
        slow_down = partial(sentence, Refused("burst", 429, seconds=job.received.body[BURST]))
        words = (turn.text or "")[: self._settings.message_max_chars]
        words = words or text("telegram.did_other", self._languages.of(incoming.conversation_id))
        return replace(incoming, text=words, token=None, edge_says=(slow_down,), for_bot=False)

    async def _receive(self, request: Request) -> int:
        """Return the HTTP status of a webhook."""
        body, headers = await request.body(), request.headers
        signature, stamp = headers.get("x-chatwoot-signature", ""), headers.get("x-chatwoot-timestamp", "")
        secret, now = self._settings.chatwoot_bot_secret, self._clock.now()
        if not signed.is_chatwoots(body, signature, stamp, secret, now):
            log.warning("chatwoot_bot.forged")
            return 401
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            raw = None
        turn = parse(raw)
        if turn is None:
            return 200
        try:
            return await self._keep(turn, raw, signature)
        except ExternalError as exc:
            # Not acknowledged: Chatwoot gives the conversation to people.
            log.warning("chatwoot_bot.not_taken", error=str(exc))
            return 503

    async def _keep(self, turn: BotTurn, raw: Any, signature: str) -> int:
        here, now = conversation_id(self._settings.secret_key, turn), self._clock.now()
        seen = Received(signed.name_of(signature), here, {}, now)
        if not await self._memory.run(lambda: self._inbox.put(REPEATS, seen)):
            log.warning("chatwoot_bot.repeated")
            return 403
        try:
            await self._bursts.count_sender(here)
        except Throttled as exc:
            if not self._tells(here, exc.retry_after_s):
                log.warning("chatwoot_bot.burst", conversation_id=here)
                return 200
            raw = {**raw, BURST: exc.retry_after_s}
        try:
            await self._desk.put(Received(turn.key, here, raw, now))
        except ExternalError:
            # The next one is told.
            self._told.pop(here, None)
            raise
        await self._memory.run(lambda: self._inbox.done(REPEATS, seen.key, now))
        return 200

    def _tells(self, here: str, retry_after_s: int) -> bool:
        """Tell whether this is the message of a burst whose sender is told; the others after it are not kept."""
        now = self._timing.monotonic()
        self._told = {name: until for name, until in self._told.items() if until > now}
        if here in self._told:
            return False
        self._told[here] = now + retry_after_s
        return True

    async def _answer(self, incoming: Incoming) -> Answer:
        limit = self._settings.message_max_chars
        try:
            if incoming.text is not None and len(incoming.text) > limit:
                raise Refused("too_long", 413, limit=limit)
            return await self._turns.answer(incoming)
        except Refused as exc:
            refused = exc
        except Exception:
            # Whatever went wrong, the customer gets a sentence.
            log.exception("edge.failed")
            refused = Refused("unavailable", 500, retry_after_s=RETRY_UNAVAILABLE_S)
        log.info("edge.refused", reason=refused.code, status=refused.status)
        return refusal(refused, self._languages.of(incoming.conversation_id))

    async def _is_for_bot(self, job: Job, turn: BotTurn) -> bool:
        """Tell whether the bot still has the conversation; where that cannot be read an old message is people's."""
        here = job.received.conversation_id
        pending = await asyncio.to_thread(self._bot.is_pending, turn.conversation)
        if pending is None:
            if self._clock.now() - job.received.received_at <= FRESH:
                return True
            log.warning("chatwoot_bot.too_old", conversation_id=here)
            await self._leave_to_people(job, turn)
            return False
        if not pending:
            log.info("chatwoot_bot.peoples", conversation_id=here)
        return pending

    async def _leave_to_people(self, job: Job, turn: BotTurn) -> None:
        """Hand over instead of answering late."""
        here, now = job.received.conversation_id, self._clock.now()
        await self._memory.run(lambda: self._journal.change_owner(here, Ownership(), Ownership(Owner.QUEUE), now))
        # Where the bot would say nothing and people would see nothing, nobody would answer.
        await asyncio.to_thread(self._bot.hand_over, turn.conversation)

    async def _say(self, job: Job, turn: BotTurn, utterances: Sequence[Utterance], language: str) -> None:
        """Say it in order, but for what went out in an earlier try. Raises ExternalError."""
        shown = [said for said in utterances if said.text or said.buttons]
        for said in shown[len(job.sent) :]:
            words = said.text or text("telegram.choose", language)
            await asyncio.to_thread(self._bot.say, turn.conversation, Utterance(words, said.buttons))
            job.sent.append({})

    def _take_back(self, here: str, message: str) -> None:
        """Give the bot what people have given back: it is pending (or was, a moment ago), whatever we knew of it."""
        owner = self._journal.owner(here)
        # A message that is known has been worked on: if people have it now, it is because of that.
        if owner.owner is not Owner.BOT and not self._journal.seqs_of(here, [message]):
            self._journal.change_owner(here, owner, Ownership(), self._clock.now())

    async def _resume(self) -> None:
        patience = Patience(self._timing, "chatwoot_bot.inbox_unread")
        while True:
            try:
                await self._desk.resume()
                return
            except ExternalError as exc:
                await patience.failed(exc)
