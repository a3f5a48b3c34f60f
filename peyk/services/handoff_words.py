"""What Peyk says when a conversation changes hands."""

from __future__ import annotations

from datetime import datetime

from peyk.domain.conversations import Utterance
from peyk.domain.handoff import HandoffReason, Prepared
from peyk.i18n.catalogue import text
from peyk.i18n.digits import localise_digits
from peyk.i18n.handoff import queued_object, when
from peyk.ports.journal import Offer
from peyk.services.buttons import offered

BACK_TO_BOT = "peyk:back_to_bot"
CSAT = "peyk:csat"
BEST = 5

Said = tuple[Utterance, tuple[Offer, ...]]


def queued(prepared: Prepared, now: datetime, language: str, key: str) -> Said:
    """Say that the customer waits, with the way back to the assistant; `key` has the place of `{when}`."""
    sentence = text(key, language, when=when(prepared, now, language))
    return _waiting(sentence, prepared, language)


def handed_over(prepared: Prepared, now: datetime, language: str) -> Said:
    """Say that Peyk itself has handed over, and why."""
    reason = prepared.handoff.reason
    known = {HandoffReason.BOT_DOWN, HandoffReason.ANGRY}
    lead = text(f"handoff.lead.{reason.value if reason in known else 'stop_word'}", language)
    return _waiting(f"{lead} {when(prepared, now, language)}", prepared, language)


def _waiting(sentence: str, prepared: Prepared, language: str) -> Said:
    title = text("button.back_to_bot", language)
    buttons, offers = offered([(title, BACK_TO_BOT)])
    action = {"id": "back_to_bot", "title": title, "payload": buttons[0].token}
    return Utterance(sentence, buttons, {"handoff": queued_object(prepared), "nextActions": [action]}), offers


def joined(name: str, language: str) -> Utterance:
    """Say who has come."""
    return _with_agent("handoff.joined" if name else "handoff.joined.nameless", name, language)


def transferred(name: str, language: str) -> Utterance:
    """Say who answers from here on."""
    return _with_agent("handoff.transferred" if name else "handoff.transferred.nameless", name, language)


def _with_agent(key: str, name: str, language: str) -> Utterance:
    sentence = text(key, language, name=name)
    return Utterance(sentence, custom={"handoff": {"state": "agent", **({"agent": name} if name else {})}})


def with_bot(key: str, language: str, **values: str) -> Utterance:
    """Say that the assistant answers again."""
    return Utterance(text(key, language, **values), custom={"handoff": {"state": "bot"}})


def resolved(handoff_id: int, summary: str, language: str) -> Said:
    """Tell the summary, and ask how it was."""
    key, values = ("handoff.resolved", {"summary": summary}) if summary else ("handoff.resolved.plain", {})
    sentence = f"{text(key, language, **values)}\n{text('handoff.csat', language)}"
    stars = [(text(f"button.rate_{each}", language), f"{CSAT}:{handoff_id}:{each}") for each in range(1, BEST + 1)]
    buttons, offers = offered(stars)
    return Utterance(sentence, buttons, {"handoff": {"state": "bot", "resolved": True}}), offers


def thanks(stars: int, language: str) -> Utterance:
    """Thank for a rating."""
    return Utterance(text("handoff.csat.thanks", language, stars=localise_digits(str(stars), language)))
