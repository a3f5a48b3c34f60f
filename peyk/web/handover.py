"""When the edge itself hands a conversation to people, and what Rasa is told when it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from peyk.channels import Incoming
from peyk.domain.conversations import Author, Caller
from peyk.domain.handoff import HandoffReason
from peyk.errors import ExternalError
from peyk.ports.journal import Accepted, BotAnswer
from peyk.services.handoff import HandOff
from peyk.web.rasa import Rasa, Said

log = structlog.get_logger(__name__)

# What an action writes into `custom` of the message after which the bot is silent.
MARK = "hand_over"

T = TypeVar("T")


class HandOver:
    """The edge's side of hand-offs."""

    def __init__(self, people: HandOff, rasa: Rasa) -> None:
        """Take the service, and Rasa, which has to forget what it was at."""
        self._people = people
        self._rasa = rasa

    async def instead_of_bot(self, incoming: Incoming, accepted: Accepted, language: str) -> BotAnswer | None:
        """Return what is said when the words alone hand over, None when the bot answers."""
        text = incoming.text
        if text is None or not self._people.triggers.listens_to(text):
            return None
        caller = caller_of(incoming)
        try:
            reason = await _call(lambda: self._people.triggers.reason_in(caller, accepted.seq, text))
            return await self._give_away(caller, reason, text, language) if reason else None
        except ExternalError as exc:
            # The bot can still answer; the next message is another chance.
            log.warning("handoff.failed", conversation_id=incoming.conversation_id, error=str(exc))
            return None

    async def for_bot_down(self, incoming: Incoming, failure: ExternalError, language: str) -> BotAnswer | None:
        """Return what is said when Rasa or an action failed, None when nobody else could answer either."""
        if failure.system != "rasa":
            return None
        try:
            return await self._give_away(caller_of(incoming), HandoffReason.BOT_DOWN, incoming.text or "", language)
        except ExternalError as exc:
            log.warning("handoff.failed", conversation_id=incoming.conversation_id, error=str(exc))
            return None

    async def begin_anew(self, incoming: Incoming, accepted: Accepted) -> None:
        """Have Rasa leave what it was at when people took over, before the first message after that."""
        here = incoming.conversation_id
        if not accepted.changed_hands or not await _call(lambda: self._people.unsettled(here)):
            return
        await self._rasa.start_over(incoming)
        await _call(lambda: self._people.settled(here))

    async def _give_away(self, caller: Caller, reason: HandoffReason, words: str, language: str) -> BotAnswer | None:
        prepared = await _call(lambda: self._people.prepare(caller, reason, words=words))
        if prepared is None:
            return None
        utterance, offers = self._people.handed_over(prepared, language)
        return BotAnswer((utterance,), offers, hand_over=True, author=Author.SYSTEM)


def caller_of(incoming: Incoming) -> Caller:
    """Return who sends a message."""
    return Caller(incoming.conversation_id, incoming.address, incoming.correlation_id)


def take_mark(messages: list[Said]) -> tuple[list[Said], bool]:
    """Return the messages up to the one that hands over, without its mark, and whether there is one."""
    for place, message in enumerate(messages):
        custom = message.get("custom", {})
        if MARK in custom:
            left = {name: value for name, value in custom.items() if name != MARK}
            # Nothing follows the sentence that hands over.
            return [*messages[:place], {**message, "custom": left}], custom[MARK] is True
    return messages, False


async def _call(call: Callable[[], T]) -> T:
    # Not in the edge's store threads: this may ask the shop.
    return await asyncio.to_thread(call)
