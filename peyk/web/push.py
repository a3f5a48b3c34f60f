"""Brings what people and the system say to customers of a channel: in order, and after it has gone out never again.

At least once: a process that dies between a messenger's yes and its own note of it lets the next one send that again.
Messengers have no key against repeats, and to note first would lose a message instead. Of several processes one at a
time serves a conversation.
"""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog

from peyk.domain.conversations import Entry
from peyk.errors import ExternalError
from peyk.ports import Clock
from peyk.ports.addresses import Address, Addresses
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
# How often who is bringing something says that it still is: a messenger may ask for more patience than a lease lasts.
RENEW_S = 60.0


class Push(ABC):
    """One channel's way from the journal to its customers."""

    def __init__(
        self,
        channel: str,
        clock: Clock,
        languages: Languages,
        journal: Journal,
        addresses: Addresses,
        memory: Memory,
        live: Live,
        timing: Timing,
    ) -> None:
        """Begin with nothing under way."""
        self._channel = channel
        self._clock = clock
        self._languages = languages
        self._journal = journal
        self._addresses = addresses
        self._memory = memory
        self._live = live
        self._timing = timing
        self._process = secrets.token_hex(8)
        self._lanes: dict[str, asyncio.Task[None]] = {}

    @abstractmethod
    async def _bring(self, here: str, entry: Entry, address: Address | None) -> None:
        """Bring an entry, or note that it cannot be brought. Raises ExternalError when it is to be tried again."""

    def _brought(self, here: str, entry: Entry) -> None:  # noqa: B027  (a channel that remembers nothing forgets nothing)
        """Forget what was remembered for another try of an entry: it is noted as brought."""

    async def run(self) -> None:
        """Look for what is to be brought whenever there is news, for ever."""
        patience = Patience(self._timing, f"{self._channel}.push_unread")
        with self._live.watch_all() as watch:
            while True:
                try:
                    await self._look(watch.tell)
                    patience.well()
                except ExternalError as exc:
                    await patience.failed(exc)
                except Exception as exc:
                    log.exception("push.failed", channel=self._channel)
                    await patience.failed(exc)
                await watch.changed(POLL_S)

    async def stop(self) -> None:
        """End what is under way; what is not noted as brought is left to the next process."""
        for lane in self._lanes.values():
            lane.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _look(self, again: Callable[[], None]) -> None:
        """Begin to serve every conversation that has something; one slow or in trouble holds up no other."""
        now = self._clock.now()
        waiting: dict[str, list[Entry]] = {}
        for each in await self._memory.run(lambda: self._journal.to_push(self._channel, now=now, limit=BATCH)):
            waiting.setdefault(each.conversation_id, []).append(each.entry)
        for here, entries in waiting.items():
            if here not in self._lanes:
                self._lanes[here] = asyncio.create_task(self._serve(here, entries, again))

    async def _serve(self, here: str, entries: Sequence[Entry], again: Callable[[], None]) -> None:
        patience = Patience(self._timing, f"{self._channel}.push_tried_again")
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
            log.warning("push.not_released", channel=self._channel, error=str(exc))
        except Exception:
            log.exception("push.failed", channel=self._channel, conversation_id=here)
        finally:
            del self._lanes[here]

    async def _tried(self, here: str, entry: Entry, patience: Patience) -> bool:
        """Bring an entry; False when it has to be tried again. Raises _Taken."""
        try:
            address = await self._memory.run(lambda: self._addresses.find(here))
            if address is not None and not await self._is_ours(here):
                raise _Taken
            await self._while_ours(here, address, self._bring(here, entry, address))
            await self._memory.run(lambda: self._journal.pushed(here, entry.seq))
        except ExternalError as exc:
            await patience.failed(exc)
            return False
        self._brought(here, entry)
        patience.well()
        return True

    async def _while_ours(self, here: str, address: Address | None, bring: Coroutine[Any, Any, None]) -> None:
        """Bring an entry, and keep the right to. Raises _Taken when it is lost, and what `bring` raises."""
        bringing = asyncio.create_task(bring)
        try:
            while not (await asyncio.wait({bringing}, timeout=RENEW_S))[0]:
                # A store that is away gives the right to nobody else.
                with suppress(ExternalError):
                    if address is not None and not await self._is_ours(here):
                        raise _Taken
            bringing.result()
        finally:
            bringing.cancel()
            await asyncio.gather(bringing, return_exceptions=True)

    async def _is_ours(self, here: str) -> bool:
        now = self._clock.now()
        return await self._memory.run(lambda: self._addresses.claim(here, self._process, now=now, until=now + LEASE))

    async def _language(self, here: str) -> str:
        known = self._languages.known(here)
        if known is not None:
            return known
        about = await self._memory.run(lambda: self._journal.about(here))
        return (about.language if about else None) or self._languages.of(None)


class _Taken(Exception):
    """Another process serves the conversation."""
