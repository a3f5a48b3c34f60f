"""Brings what people and the system say at Peyk's side to customers of Chatwoot's channels: in order, and once.

At least once: a process that dies between Chatwoot's yes and its own note of it lets the next one write that again. Of
several processes one at a time serves a conversation.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from peyk.channels.chatwoot import CHANNEL
from peyk.domain.conversations import Entry, Utterance
from peyk.errors import BadAnswer, ExternalError, NotFound
from peyk.i18n import text
from peyk.ports import Clock
from peyk.ports.addresses import Addresses
from peyk.ports.bot_desk import BotDesk
from peyk.ports.journal import Journal
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


class ChatwootPush:
    """One bot's way from the journal to its conversations."""

    def __init__(
        self,
        clock: Clock,
        bot: BotDesk,
        languages: Languages,
        journal: Journal,
        addresses: Addresses,
        memory: Memory,
        live: Live,
        timing: Timing,
    ) -> None:
        """Begin with nothing under way."""
        self._clock = clock
        self._bot = bot
        self._languages = languages
        self._journal = journal
        self._addresses = addresses
        self._memory = memory
        self._live = live
        self._timing = timing
        self._process = secrets.token_hex(8)
        self._lanes: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Look for what is to be brought whenever there is news, for ever."""
        patience = Patience(self._timing, "chatwoot_bot.push_unread")
        with self._live.watch_all() as watch:
            while True:
                try:
                    await self._look(watch.tell)
                    patience.well()
                except ExternalError as exc:
                    await patience.failed(exc)
                except Exception as exc:
                    log.exception("chatwoot_bot.push_failed")
                    await patience.failed(exc)
                await watch.changed(POLL_S)

    async def stop(self) -> None:
        """End what is under way; what is not noted as brought is left to the next process."""
        for lane in self._lanes.values():
            lane.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _look(self, again: Callable[[], None]) -> None:
        """Begin to serve every conversation that has something; one in trouble holds up no other."""
        now = self._clock.now()
        waiting: dict[str, list[Entry]] = {}
        for each in await self._memory.run(lambda: self._journal.to_push(CHANNEL, now=now, limit=BATCH)):
            waiting.setdefault(each.conversation_id, []).append(each.entry)
        for here, entries in waiting.items():
            if here not in self._lanes:
                self._lanes[here] = asyncio.create_task(self._serve(here, entries, again))

    async def _serve(self, here: str, entries: Sequence[Entry], again: Callable[[], None]) -> None:
        patience = Patience(self._timing, "chatwoot_bot.push_tried_again")
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
            log.warning("chatwoot_bot.push_not_released", error=str(exc))
        except Exception:
            log.exception("chatwoot_bot.push_failed", conversation_id=here)
        finally:
            del self._lanes[here]

    async def _tried(self, here: str, entry: Entry, patience: Patience) -> bool:
        """Bring an entry; False when it has to be tried again. Raises _Taken."""
        try:
            address = await self._memory.run(lambda: self._addresses.find(here))
            if address is None:
                # A conversation of before addresses were kept; its customer has to write first.
                log.warning("chatwoot_bot.no_address", conversation_id=here)
            elif not await self._is_ours(here):
                raise _Taken
            else:
                await self._bring(here, entry, int(address.address))
            await self._memory.run(lambda: self._journal.pushed(here, entry.seq))
        except ExternalError as exc:
            await patience.failed(exc)
            return False
        patience.well()
        return True

    async def _is_ours(self, here: str) -> bool:
        now = self._clock.now()
        return await self._memory.run(lambda: self._addresses.claim(here, self._process, now=now, until=now + LEASE))

    async def _bring(self, here: str, entry: Entry, conversation: int) -> None:
        """Say an entry, unless it can never be said. Raises ExternalError when it is to be tried again."""
        said = await self._words(here, entry)
        if said is None:
            log.warning("chatwoot_bot.push_without_words", conversation_id=here)
            return
        try:
            await asyncio.to_thread(self._bot.say, conversation, said)
        except (BadAnswer, NotFound) as exc:
            # The same again would be refused again; what comes after it may be taken.
            log.warning("chatwoot_bot.push_refused", conversation_id=here, error=str(exc))

    async def _words(self, here: str, entry: Entry) -> Utterance | None:
        """Return what the customer reads; None for what has neither words nor buttons (files alone)."""
        if not (entry.hidden or entry.text or entry.buttons):
            return None
        language = self._languages.known(here) or await self._kept_language(here)
        if entry.hidden:
            return Utterance(text("telegram.notice_time_over", language))
        return Utterance(entry.text or text("telegram.choose", language), entry.buttons)

    async def _kept_language(self, here: str) -> str:
        about = await self._memory.run(lambda: self._journal.about(here))
        return (about.language if about else None) or self._languages.of(None)


class _Taken(Exception):
    """Another process serves the conversation."""
