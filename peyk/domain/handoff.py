"""When a conversation goes to a person of the shop: why, in which order, and what that person is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from peyk.domain.conversations import Ownership
from peyk.domain.queues import Priority, Queue


class HandoffReason(StrEnum):
    """Why a conversation goes to a person; docs/handoff.md says when."""

    ASKED = "asked"
    SECOND_MISS = "second_miss"
    ANGRY = "angry"
    STOP_WORD = "stop_word"
    VIP = "vip"
    CITY = "city"
    URGENT = "urgent"
    LEVEL3 = "level3"
    BOT_DOWN = "bot_down"
    PAYMENT = "payment"


# What a shop may leave out. Who asks for a person always gets one; VIPs and cities have settings of their own.
OPTIONAL_TRIGGERS: tuple[HandoffReason, ...] = (
    HandoffReason.SECOND_MISS,
    HandoffReason.ANGRY,
    HandoffReason.STOP_WORD,
    HandoffReason.URGENT,
    HandoffReason.LEVEL3,
    HandoffReason.PAYMENT,
    HandoffReason.BOT_DOWN,
)


@dataclass(frozen=True, slots=True)
class Packet:
    """What a person is told beside the conversation itself, as it stood when it was handed over.

    `wanted` is what the customer asked for in their own words, else the button. `order` is the order as the bot sees it
    at `level`, None when it is about none. `mobile` is masked. `tried` are the actions that were run, oldest first,
    `words` the customer's last messages, oldest first, with codes and mobiles masked.
    """

    wanted: str = ""
    reason: HandoffReason = HandoffReason.ASKED
    language: str = "fa"
    channel: str = ""
    order: Mapping[str, Any] | None = None
    level: int = 1
    mobile: str | None = None
    tried: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """A hand-off that is asked for."""

    conversation_id: str
    reason: HandoffReason
    queue: Queue
    priority: Priority
    packet: Packet
    ticket_number: str | None = None


@dataclass(frozen=True, slots=True)
class Handoff:
    """A hand-off. It is prepared before the conversation changes hands, and closed when the bot has it again.

    `first_answer_at` is when a person first wrote. `agent` is who took it last. `summary` is what the customer was told
    at the end, `csat` (1 to 5) what they thought of it.
    """

    id: int
    conversation_id: str
    reason: HandoffReason
    queue: Queue
    priority: Priority
    requested_at: datetime
    packet: Packet
    ticket_number: str | None = None
    taken_at: datetime | None = None
    first_answer_at: datetime | None = None
    closed_at: datetime | None = None
    summary: str | None = None
    csat: int | None = None
    agent: str | None = None

    @property
    def rank(self) -> tuple[bool, bool, datetime, int, int]:
        """What is worked on first: critical, then VIP, then who waits longest; the topic only breaks ties."""
        critical, vip = self.priority is Priority.CRITICAL, self.priority is Priority.VIP
        return (not critical, not vip, self.requested_at, -int(self.priority), self.id)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A hand-off the customer can be told of.

    `place` counts from 1 in its queue. `wait_minutes` is how long it takes by what was measured lately, None when that
    is unknown or nobody is there now. `opens_at` is when somebody is there again, None while somebody is.
    """

    handoff: Handoff
    place: int
    wait_minutes: int | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """An open hand-off and how its conversation stands.

    `began` says that people are known to have had it. `unread` counts the customer's messages since a person last
    wrote, and `waits_since` is when the first of them came; without any person's word since the conversation changed
    hands it is that change. `last_entry_at` is when anybody last said something.
    """

    handoff: Handoff
    ownership: Ownership
    began: bool
    channel: str
    language: str | None
    last_entry_at: datetime | None = None
    waits_since: datetime | None = None
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation people have or should take, as the console lists it."""

    handoff: Handoff
    ownership: Ownership
    last_entry_at: datetime | None
    unread: int


@dataclass(frozen=True, slots=True)
class Note:
    """What people write about a conversation for each other; customers never see it."""

    id: int
    conversation_id: str
    agent: str
    text: str
    at: datetime
