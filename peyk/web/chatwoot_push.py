"""Brings what people and the system say at Peyk's side to customers of Chatwoot's channels."""

from __future__ import annotations

import asyncio

import structlog

from peyk.channels.chatwoot import CHANNEL
from peyk.domain.conversations import Entry, Utterance
from peyk.errors import BadAnswer, NotFound
from peyk.i18n import text
from peyk.ports import Clock
from peyk.ports.addresses import Address, Addresses
from peyk.ports.bot_desk import BotDesk
from peyk.ports.journal import Journal
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.patience import Timing
from peyk.web.push import Push
from peyk.web.sentences import Languages

log = structlog.get_logger(__name__)


class ChatwootPush(Push):
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
        super().__init__(CHANNEL, clock, languages, journal, addresses, memory, live, timing)
        self._bot = bot

    async def _bring(self, here: str, entry: Entry, address: Address | None) -> None:
        """Say an entry, unless it can never be said. Raises ExternalError when it is to be tried again."""
        if address is None:
            # A conversation of before addresses were kept; its customer has to write first.
            log.warning("chatwoot_bot.no_address", conversation_id=here)
            return
        if not (entry.text or entry.buttons):
            # Files alone.
            log.warning("chatwoot_bot.push_without_words", conversation_id=here)
            return
        said = Utterance(entry.text or text("telegram.choose", await self._language(here)), entry.buttons)
        try:
            await asyncio.to_thread(self._bot.say, int(address.address), said)
        except (BadAnswer, NotFound) as exc:
            # The same again would be refused again; what comes after it may be taken.
            log.warning("chatwoot_bot.push_refused", conversation_id=here, error=str(exc))
