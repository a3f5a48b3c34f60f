"""What a person is told beside the conversation: what is wanted, the order as the bot sees it, what was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from peyk.domain.conversations import Author, Caller, Entry
from peyk.domain.handoff import HandoffReason, Packet
from peyk.domain.identity import Level, Verification
from peyk.errors import PeykError
from peyk.i18n.payload import order_payload
from peyk.logging import mask
from peyk.ports.journal import About, Journal
from peyk.services.tracking import TrackOrder
from peyk.settings import Settings

log = structlog.get_logger(__name__)

# The conversation itself stands in the journal; these are for a look at the queue.
LAST_WORDS = 5
LOOK_BACK = 60
MAX_WORD_CHARS = 500


class PacketWriter:
    """Puts packets together; what cannot be found out now is left out."""

    def __init__(self, *, tracking: TrackOrder, journal: Journal, settings: Settings) -> None:
        self._tracking = tracking
        self._journal = journal
        self._settings = settings

    def write(
        self,
        caller: Caller,
        reason: HandoffReason,
        about: About,
        proof: Verification | None,
        *,
        order_number: str | None,
        words: str,
        tried: Sequence[str],
        now: datetime,
    ) -> Packet:
        """Return the packet as things stand now, at the level the customer has proven and no higher."""
        language = about.language or self._settings.default_language
        said = last_said(self._journal, caller.conversation_id, about.last_seq, now)
        order, level = self._order(caller, order_number, language)
        last = tuple(mask(entry.text)[:MAX_WORD_CHARS] for entry in said if entry.text)[-LAST_WORDS:]
        return Packet(
            wanted=mask(words)[:MAX_WORD_CHARS] or (last[-1] if last else ""),
            reason=reason,
            language=language,
            channel=about.channel,
            order=order,
            level=max(level, Level.VERIFIED if proof else Level.ANONYMOUS),
            mobile=mask(proof.mobile) if proof else None,
            tried=tuple(tried),
            words=last,
        )

    def _order(self, caller: Caller, number: str | None, language: str) -> tuple[Mapping[str, Any] | None, int]:
        if not number:
            return None, Level.ANONYMOUS
        try:
            result = self._tracking.stage(caller, number)
        except PeykError as exc:
            # A hand-off never fails for what would only have been good to know.
            log.warning("handoff.order_unknown", error=type(exc).__name__)
            return None, Level.ANONYMOUS
        order = order_payload(result, language, self._settings.money_unit.value).get("order")
        return order, result.level


def last_said(journal: Journal, conversation_id: str, last_seq: int, now: datetime) -> list[Entry]:
    """Return what the customer said lately; people of the shop may read all of it."""
    after = max(0, last_seq - LOOK_BACK)
    entries = journal.entries(conversation_id, after_seq=after, now=now, limit=2 * LOOK_BACK, for_people=True)
    return [entry for entry in entries if entry.author is Author.CUSTOMER]
