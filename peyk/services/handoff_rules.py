"""What hands a conversation over, where it waits, and how long that takes: pure rules."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import yaml

from peyk.domain.handoff import HandoffReason
from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import TicketReason
from peyk.ports.handoff import Hours
from peyk.settings import Settings
from peyk.settings_systems import listed
from peyk.text.normalise import ZWNJ, normalise
from peyk.text.places import find_city

ANGRY_WORDS = Path(__file__).parent / "data" / "angry_words.yml"
# Who is angry twice within this time has not been helped.
ANGRY_WITHIN = timedelta(hours=24)

# A person decides these (level 3), or they cannot wait.
_OF_TICKET: dict[TicketReason, HandoffReason] = {
    TicketReason.FIX_ADDRESS: HandoffReason.LEVEL3,
    TicketReason.RETURN_REQUEST: HandoffReason.LEVEL3,
    TicketReason.CANCEL: HandoffReason.LEVEL3,
    TicketReason.CHANGE_ORDER: HandoffReason.LEVEL3,
    TicketReason.RETURNED: HandoffReason.LEVEL3,
    TicketReason.NOT_RECEIVED: HandoffReason.URGENT,
    TicketReason.LOST: HandoffReason.URGENT,
    TicketReason.DAMAGED: HandoffReason.URGENT,
    TicketReason.PAYMENT: HandoffReason.PAYMENT,
}
_QUEUES = {
    HandoffReason.PAYMENT: Queue.SECURITY,
    HandoffReason.LEVEL3: Queue.L2,
    HandoffReason.URGENT: Queue.L2,
    HandoffReason.VIP: Queue.VIP,
}
_TOPICS = {HandoffReason.LEVEL3, HandoffReason.PAYMENT, HandoffReason.ANGRY}

# How long it takes is told from at least so many, of this last time.
FEWEST_WAITS = 5
MOST_WAITS = 30
WAITS_OF = timedelta(days=7)
# Three of four are taken sooner: a promise that mostly holds.
QUANTILE = 0.75
ROUND_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """What a shop has set: reasons that hand over, words that do so at once, cities by their English names."""

    triggers: frozenset[HandoffReason]
    stop_words: Words
    angry_words: Words
    cities: frozenset[str]

    def wants(self, reason: HandoffReason) -> bool:
        """Tell whether this reason hands over; who asks for a person always gets one."""
        return reason is HandoffReason.ASKED or reason in self.triggers


class Words:
    """Words and phrases to look for, however they are spelt."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Take phrases as people write them."""
        plain = {" ".join(normalise(form).split()) for phrase in phrases for form in _forms(phrase)} - {""}
        longest_first = sorted(plain, key=len, reverse=True)
        alternatives = "|".join(re.escape(phrase) for phrase in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if plain else None

    def found_in(self, text: str) -> bool:
        """Tell whether one of them stands in a text, as a word of its own."""
        return self._pattern is not None and self._pattern.search(" ".join(normalise(text).split())) is not None


def _forms(phrase: str) -> tuple[str, str]:
    # Half spaces are left out or typed as spaces as often as not.
    return phrase, phrase.replace(ZWNJ, " ")


def rules_of(settings: Settings) -> Rules:
    """Return what a shop has set."""
    triggers = {HandoffReason(name) for name in listed(settings.handoff_triggers)}
    cities = frozenset(city for name in listed(settings.handoff_cities) if (city := find_city(name)))
    if settings.handoff_vip:
        triggers.add(HandoffReason.VIP)
    if cities:
        triggers.add(HandoffReason.CITY)
    return Rules(frozenset(triggers), Words(listed(settings.handoff_stop_words)), angry_words(), cities)


@cache
def angry_words() -> Words:
    """Return the words of `data/angry_words.yml`."""
    lists = yaml.safe_load(ANGRY_WORDS.read_text(encoding="utf-8"))
    return Words(str(word) for words in lists.values() for word in words)


def reason_of_ticket(reason: TicketReason) -> HandoffReason | None:
    """Return why a ticket's conversation goes to a person at once, None when it does not."""
    return _OF_TICKET.get(reason)


def queue_of(reason: HandoffReason, *, vip: bool) -> Queue:
    """Return where it waits: money is looked at by those who may, VIPs have people of their own."""
    if vip and reason is not HandoffReason.PAYMENT:
        return Queue.VIP
    return _QUEUES.get(reason, Queue.L1)


def priority_of(reason: HandoffReason, *, vip: bool) -> Priority:
    """Return what comes first: urgent, then VIP, then topics that should not wait."""
    if reason is HandoffReason.URGENT:
        return Priority.CRITICAL
    if vip:
        return Priority.VIP
    return Priority.TOPIC if reason in _TOPICS else Priority.NORMAL


def wait_minutes(
    waits: Sequence[tuple[datetime, datetime]], waiting_since: Sequence[datetime], hours: Hours, now: datetime
) -> int | None:
    """Return how long it takes until somebody comes, in minutes, None when too little is known to promise anything.

    Counted are waits that began in office hours. Whoever is in front and has been waiting longer shows that today
    is slower than that.
    """
    measured = sorted((taken - asked for asked, taken in waits if hours.is_open(asked)))
    if len(measured) < FEWEST_WAITS:
        return None
    usual = measured[math.ceil(QUANTILE * len(measured)) - 1]
    today = max((now - since for since in waiting_since if hours.is_open(since)), default=timedelta())
    minutes = max(1, math.ceil(max(usual, today).total_seconds() / 60))
    return minutes if minutes <= ROUND_MINUTES else math.ceil(minutes / ROUND_MINUTES) * ROUND_MINUTES
