"""Brings what people and the system say to Telegram; a body that has gone out is not sent by the next try."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog

from peyk.channels.outgoing import as_message
from peyk.channels.telegram.api import BotApi
from peyk.channels.telegram.errors import BadRequest, ChatGone
from peyk.channels.telegram.names import CHANNEL
from peyk.channels.telegram.pace import Pace
from peyk.channels.telegram.render import render
from peyk.domain.conversations import Author, Entry, Utterance
from peyk.errors import NotFound
from peyk.i18n import text
from peyk.ports import Clock
from peyk.ports.addresses import Address, Addresses
from peyk.ports.journal import Journal
from peyk.settings import Settings
from peyk.web.files import Evidence
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.patience import Timing
from peyk.web.push import Push
from peyk.web.sentences import Languages

log = structlog.get_logger(__name__)

Step = Callable[[], Awaitable[Any]]


class TelegramPush(Push):
    """One bot's way from the journal to its chats."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        api: BotApi,
        pace: Pace,
        languages: Languages,
        journal: Journal,
        addresses: Addresses,
        evidence: Evidence,
        memory: Memory,
        live: Live,
        timing: Timing,
    ) -> None:
        """Begin with nothing under way."""
        super().__init__(CHANNEL, clock, languages, journal, addresses, memory, live, timing)
        self._settings = settings
        self._api = api
        self._pace = pace
        self._evidence = evidence
        # How much of an entry has gone out, for the next try.
        self._gone_out: dict[tuple[str, int], int] = {}

    def _brought(self, here: str, entry: Entry) -> None:
        self._gone_out.pop((here, entry.seq), None)

    async def _bring(self, here: str, entry: Entry, address: Address | None) -> None:
        """Send an entry, or note that it cannot be brought. Raises ExternalError when it is to be tried again."""
        if address is None:
            # A chat of before addresses were kept; its customer has to write first.
            log.warning("telegram.no_address", conversation_id=here)
            await self._note_lost(here, entry, "nowhere")
            return
        if address.gone_at is not None:
            await self._note_lost(here, entry, address.gone_at.isoformat())
            return
        try:
            await self._send(here, entry, int(address.address))
        except ChatGone:
            now = self._clock.now()
            log.info("telegram.chat_gone", conversation_id=here)
            await self._memory.run(lambda: self._addresses.gone(here, now))
            await self._note_lost(here, entry, now.isoformat())

    async def _send(self, here: str, entry: Entry, chat_id: int) -> None:
        steps = await self._steps(here, entry, chat_id)
        for place in range(self._gone_out.get((here, entry.seq), 0), len(steps)):
            try:
                await self._pace.send(chat_id, steps[place])
            except BadRequest as exc:
                # The same again would be refused again; the rest may be taken.
                log.warning("telegram.refused", conversation_id=here, error=str(exc))
            self._gone_out[here, entry.seq] = place + 1

    async def _steps(self, here: str, entry: Entry, chat_id: int) -> list[Step]:
        """Return the calls that bring an entry, in order."""
        bodies = render([as_message(entry)], await self._language(here))
        steps: list[Step] = [partial(self._api.send_message, chat_id, body) for body in bodies]
        files = entry.custom.get("files", [])
        return [*steps, *(partial(self._send_file, chat_id, str(file["id"])) for file in files)]

    async def _send_file(self, chat_id: int, file_id: str) -> None:
        try:
            file, path = await self._evidence.run(lambda: self._evidence.files.read(file_id))
            content = await self._evidence.run(path.read_bytes)
        except (NotFound, OSError):
            log.warning("telegram.file_gone")
            return
        await self._api.send_document(chat_id, file.name, content, file.media_type)

    async def _note_lost(self, here: str, entry: Entry, since: str) -> None:
        """Say in the journal, for people, that a person's message did not arrive; once until the customer writes."""
        if entry.author is not Author.AGENT:
            return
        words = text("telegram.undelivered", self._settings.default_language)
        note = Utterance(words, custom={"undelivered": {"seq": entry.seq}})
        now, once = self._clock.now(), f"undelivered:{since}"
        await self._memory.run(lambda: self._journal.say(here, note, agent=None, now=now, message_id=once))
        self._live.nudge(here)
