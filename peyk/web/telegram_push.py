"""Brings what people and the system say to Telegram: in order, and after it has gone out never again.

At least once: a process that dies between Telegram's yes and its own note of it lets the next one send that body again.
Telegram has no key against repeats, and to note first would lose a message instead. Of several processes one at a time
serves a conversation.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
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
from peyk.errors import ExternalError, NotFound
from peyk.i18n import text
from peyk.ports import Clock
from peyk.ports.addresses import Address, Addresses
from peyk.ports.journal import Journal
from peyk.settings import Settings
from peyk.web.files import Evidence
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.patience import Patience, Timing
from peyk.web.sentences import Languages

log = structlog.get_logger(__name__)

# How soon what another process keeps is looked for.
POLL_S = 1.0
BATCH = 500
# Longer than the longest pause between two tries; a process that died lets go after it.
LEASE = timedelta(minutes=5)

Step = Callable[[], Awaitable[Any]]


class TelegramPush:
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
        self._settings = settings
        self._clock = clock
        self._api = api
        self._pace = pace
        self._languages = languages
        self._journal = journal
        self._addresses = addresses
        self._evidence = evidence
        self._memory = memory
        self._live = live
        self._timing = timing
        self._process = secrets.token_hex(8)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        # How much of an entry has gone out, for the next try.
        self._gone_out: dict[tuple[str, int], int] = {}

    async def run(self) -> None:
        """Look for what is to be brought whenever there is news, for ever."""
        patience = Patience(self._timing, "telegram.push_unread")
        with self._live.watch_all() as watch:
            while True:
                try:
                    await self._look(watch.tell)
                    patience.well()
                except ExternalError as exc:
                    await patience.failed(exc)
                except Exception as exc:
                    log.exception("telegram.push_failed")
                    await patience.failed(exc)
                await watch.changed(POLL_S)

    async def stop(self) -> None:
        """End what is under way; what is not noted as brought is left to the next process."""
        for lane in self._lanes.values():
            lane.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _look(self, again: Callable[[], None]) -> None:
        """Begin to serve every conversation that has something; one slow chat holds up no other."""
        now = self._clock.now()
        waiting: dict[str, list[Entry]] = {}
        for each in await self._memory.run(lambda: self._journal.to_push(CHANNEL, now=now, limit=BATCH)):
            waiting.setdefault(each.conversation_id, []).append(each.entry)
        for here, entries in waiting.items():
            if here not in self._lanes:
                self._lanes[here] = asyncio.create_task(self._serve(here, entries, again))

    async def _serve(self, here: str, entries: Sequence[Entry], again: Callable[[], None]) -> None:
        patience = Patience(self._timing, "telegram.push_tried_again")
        try:
            for entry in sorted(entries, key=lambda entry: entry.seq):
                while not await self._tried(here, entry, patience):
                    pass
            await self._memory.run(lambda: self._addresses.release(here, self._process))
            # More may have come meanwhile.
            again()
        except _Taken:
            # Another process serves it.
            pass
        except ExternalError as exc:
            log.warning("telegram.push_not_released", error=str(exc))
        except Exception:
            log.exception("telegram.push_failed", conversation_id=here)
        finally:
            del self._lanes[here]

    async def _tried(self, here: str, entry: Entry, patience: Patience) -> bool:
        """Bring an entry; False when it has to be tried again. Raises _Taken."""
        try:
            address = await self._memory.run(lambda: self._addresses.find(here))
            if address is not None and not await self._is_ours(here):
                raise _Taken
            await self._bring(here, entry, address)
            await self._memory.run(lambda: self._journal.pushed(here, entry.seq))
        except ExternalError as exc:
            await patience.failed(exc)
            return False
        self._gone_out.pop((here, entry.seq), None)
        patience.well()
        return True

    async def _is_ours(self, here: str) -> bool:
        now = self._clock.now()
        return await self._memory.run(lambda: self._addresses.claim(here, self._process, now=now, until=now + LEASE))

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
        language = self._languages.known(here) or await self._kept_language(here)
        bodies = render([as_message(entry)], language)
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

    async def _kept_language(self, here: str) -> str:
        about = await self._memory.run(lambda: self._journal.about(here))
        return (about.language if about else None) or self._settings.default_language

    async def _note_lost(self, here: str, entry: Entry, since: str) -> None:
        """Say in the journal, for people, that a person's message did not arrive; once until the customer writes."""
        if entry.author is not Author.AGENT:
            return
        words = text("telegram.undelivered", self._settings.default_language)
        note = Utterance(words, custom={"undelivered": {"seq": entry.seq}})
        now, once = self._clock.now(), f"undelivered:{since}"
        await self._memory.run(lambda: self._journal.say(here, note, agent=None, now=now, message_id=once))
        self._live.nudge(here)


class _Taken(Exception):
    """Another process serves the conversation."""
