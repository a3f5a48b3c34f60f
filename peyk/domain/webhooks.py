"""What is told to the shop's own servers later: events, who wants them, how they are signed and when they are tried."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SIGNATURE_HEADER = "Peyk-Signature"
EVENT_HEADER = "Peyk-Event"
EVENT_ID_HEADER = "Peyk-Event-Id"

GIVE_UP_AFTER = timedelta(hours=72)
# Between one try and the next; the last one is repeated until it is given up.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200))
LONGEST_WISH = timedelta(hours=1)


class EventType(StrEnum):
    """What is told."""

    MESSAGE_CREATED = "message.created"
    OWNER_CHANGED = "conversation.owner_changed"
    CONTACT_TAGGED = "contact.tagged"
    TEST = "webhook.test"


# A test is sent by hand, nobody waits for it.
SUBSCRIBABLE = (EventType.MESSAGE_CREATED, EventType.OWNER_CHANGED, EventType.CONTACT_TAGGED)


class OffReason(StrEnum):
    """Why a subscription is switched off."""

    GONE = "gone"
    DEAD = "dead"
    KEY_REVOKED = "key_revoked"


@dataclass(frozen=True, slots=True)
class Subscription:
    """An address that is told of a key's conversations. `owner` is whose senders they are (as in the REST channel).

    It is signed with the secret made of `salt`, and until `old_salt_until` also with that of `old_salt`.
    `failing_since` is when the first try failed after the last that did not. `muted` is one whose key may not read
    conversations (any more): it is told nothing.
    """

    id: str
    owner: str
    url: str
    events: frozenset[EventType]
    salt: str
    created_at: datetime
    old_salt: str | None = None
    old_salt_until: datetime | None = None
    failing_since: datetime | None = None
    last_success_at: datetime | None = None
    off_at: datetime | None = None
    off_reason: OffReason | None = None
    muted: bool = False

    def salts(self, now: datetime) -> tuple[str, ...]:
        """Return what the secrets in force are made of, the newest first."""
        if self.old_salt is None or self.old_salt_until is None or self.old_salt_until <= now:
            return (self.salt,)
        return (self.salt, self.old_salt)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a conversation.

    Of a message `seq` says which; of a change `owner` who has the conversation since `at`; of a tag `facts` say which,
    and for which order.
    """

    type: EventType
    conversation_id: str
    at: datetime
    seq: int | None = None
    owner: str | None = None
    facts: Mapping[str, str] | None = None

    @property
    def key(self) -> str:
        """What makes it the same event within its conversation."""
        if self.seq is not None:
            return f"message:{self.seq}"
        if self.facts is not None:
            return f"tag:{self.facts['order']}:{self.facts['reason']}"
        return f"owner:{self.at.isoformat()}"

    @property
    def id(self) -> str:
        """Its id, the same however often and to whomever it is sent; it tells nothing of the conversation."""
        return "evt_" + hashlib.sha256(f"{self.conversation_id}\0{self.key}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Reply:
    """How an address answered: `status` of HTTP, or in a word why there was none."""

    status: int | None = None
    error: str | None = None
    retry_after_s: int = 0

    @property
    def good(self) -> bool:
        """Whether the event arrived."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether nothing is wanted any more."""
        return self.status == 410

    def __str__(self) -> str:
        return self.error or f"HTTP {self.status}"


def secret_of(key: str, subscription_id: str, salt: str) -> str:
    """Return a subscription's secret. It is derived, so that who has read the store still cannot sign."""
    name = f"webhook\0{subscription_id}\0{salt}".encode()
    return "whsec_" + hmac.new(key.encode(), name, hashlib.sha256).hexdigest()


def signature(secrets: Sequence[str], at: datetime, body: bytes) -> str:
    """Return the signature of a body sent at a time: one `v1` for each secret in force."""
    moment = int(at.timestamp())
    signed = str(moment).encode() + b"." + body
    values = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={moment}", *(f"v1={value}" for value in values)])


def next_try(now: datetime, begun: datetime, failures: int, wish_s: int = 0) -> datetime | None:
    """Return when to try again after `failures` (1 and more); None when it is given up.

    `wish_s` is what the address asked for (`Retry-After`): it may lengthen a pause, an hour at most.
    """
    pause = PAUSES[min(failures, len(PAUSES)) - 1]
    later = now + max(pause, min(timedelta(seconds=wish_s), LONGEST_WISH))
    last = begun + GIVE_UP_AFTER
    return None if now >= last else min(later, last)
