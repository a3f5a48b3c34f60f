"""Peyk as the agent bot of Chatwoot's own channels: webhooks are in the inbox before anything else, answered after."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from peyk.channels import Incoming, Refused, signed
from peyk.channels.chatwoot import CHANNEL, BotTurn, conversation_id, message_id, parse
from peyk.domain.conversations import Owner, Ownership, Utterance
from peyk.errors import ExternalError, Unavailable
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
from peyk.web.desk import Job
from peyk.web.intake import BURST, Intake, answered
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.patience import Timing
from peyk.web.sentences import Languages, sentence
from peyk.web.turns import Turns

log = structlog.get_logger(__name__)

PATH = "/webhooks/chatwoot/bot"
REPEATS = "hook:chatwoot-bot"


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
        self._addresses = addresses
        push = ChatwootPush(clock, bot, languages, journal, addresses, memory, live, timing)
        self._intake = Intake(CHANNEL, inbox, memory, clock, bursts, self.serve, push, timing)

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
        self._intake.start()

    async def stop(self) -> None:
        """Take no more, and finish what is being answered."""
        await self._intake.stop()

    async def serve(self, job: Job) -> None:
        """Answer one message, or keep what is said to people.

        Raises ExternalError when it has to be done again: what went out is not sent twice.
        """
        turn = parse(job.received.body)
        if turn is None:
            return
        correlation_id = secrets.token_hex(8)
        bind_correlation(correlation_id)
        here, now = job.received.conversation_id, self._clock.now()
        await self._memory.run(lambda: self._addresses.arrived(CHANNEL, here, str(turn.conversation), now))
        incoming = self._incoming(job, turn, correlation_id)
        if not await self._is_for_bot(turn, incoming):
            return
        await self._memory.run(lambda: self._take_back(here, message_id(turn.key)))
        answer = await answered(self._turns, self._languages, incoming, self._settings.message_max_chars)
        # An answer takes a while, and so does trying again: people may have the conversation by now.
        if not await self._is_for_bot(turn, incoming):
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
        # What people are told is no burden to the bot, and they miss none of it.
        await self._intake.take(turn.key, here, raw, limited=turn.pending)
        await self._memory.run(lambda: self._inbox.done(REPEATS, seen.key, now))
        return 200

    async def _is_for_bot(self, turn: BotTurn, incoming: Incoming) -> bool:
        """Tell whether the bot has the conversation now; if not, the message is kept for people. Raises ExternalError.

        Where it cannot be seen who has it nobody speaks, and people get it.
        """
        here = incoming.conversation_id
        has_bot: bool | None = turn.pending
        if turn.pending:
            has_bot = await asyncio.to_thread(self._bot.has_bot, turn.conversation, turn.assignee)
        if has_bot:
            return True
        await self._note(incoming)
        if has_bot is None:
            log.warning("chatwoot_bot.cannot_read", conversation_id=here, setting="PEYK_CHATWOOT_TOKEN")
            now = self._clock.now()
            await self._memory.run(lambda: self._journal.change_owner(here, Ownership(), Ownership(Owner.QUEUE), now))
            # Where the bot would say nothing and people would see nothing, nobody would answer.
            await asyncio.to_thread(self._bot.hand_over, turn.conversation)
        elif turn.pending:
            log.info("chatwoot_bot.peoples", conversation_id=here)
        return False

    async def _note(self, incoming: Incoming) -> None:
        """Keep what a customer wrote for people: Peyk's console shows it, and the bot is not asked."""
        if incoming.text is None:
            return
        words = incoming.text[: self._settings.message_max_chars]
        note = replace(incoming, text=words, edge_says=(), for_bot=False)
        answer = await answered(self._turns, self._languages, note, self._settings.message_max_chars)
        if answer.retry_after_s:
            # The store is away, or too much is under way.
            raise Unavailable("store", "not kept")

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
