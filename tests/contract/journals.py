"""Steps of the journal's contract suite."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from peyk.domain.conversations import Entry, Owner, Ownership, Utterance
from peyk.domain.identity import Verification
from peyk.ports.journal import Accepted, BotAnswer, CustomerMessage, Journal
from peyk.store.identity import StoredVerifications
from tests.unit.services.fakes import NOW

MOMENT = timedelta(microseconds=1)
PROOF = timedelta(minutes=10)
BOT, QUEUE = Ownership(), Ownership(Owner.QUEUE)
SARA, REZA = Ownership(Owner.AGENT, "sara"), Ownership(Owner.AGENT, "reza")
HELLO = BotAnswer((Utterance("سلام"),))


def accept(
    kept: Journal,
    message_id: str,
    text: str = "where is it?",
    *,
    here: str = "c1",
    channel: str = "rest",
    token: str | None = None,
    language: str | None = None,
    after: timedelta = timedelta(),
) -> Accepted:
    message = CustomerMessage(message_id, None if token else text, token)
    return kept.accept(here, channel, message, language=language, now=NOW + after)


def history(kept: Journal, here: str = "c1", *, after: timedelta = timedelta(), **only: int) -> list[Entry]:
    return kept.entries(here, after_seq=only.get("after_seq", 0), now=NOW + after, limit=only.get("limit", 100))


def owed(kept: Journal, channel: str = "rest", before: datetime = NOW + MOMENT, limit: int = 100) -> list[str | None]:
    return [each.entry.message_id for each in kept.unanswered(channel, before=before, limit=limit)]


def prove(engine: Engine, lasts: timedelta = PROOF, here: str = "c1") -> None:
    StoredVerifications(engine).grant(Verification(here, "09121234567", "otp", NOW + lasts))


def hand_to(kept: Journal, *owners: Ownership) -> None:
    for new in owners:
        assert kept.change_owner("c1", kept.owner("c1"), new, NOW)
