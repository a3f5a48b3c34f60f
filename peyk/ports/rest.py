"""What the REST channel and its webhooks keep; the store implements it.

Every method may raise Unavailable("store"). All are short, and called off the event loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from peyk.domain.api_keys import ApiKey
from peyk.domain.conversations import Owner
from peyk.domain.webhooks import Event, OffReason, Reply, Subscription


class ApiKeys(Protocol):
    """Keys of the programs that may speak to the REST channel, kept as hashes."""

    def find(self, key: str) -> ApiKey | None:
        """Return a key in force, or None for an unknown or revoked one; remember that it was used."""
        ...


class RestBook(Protocol):
    """Whose sender a conversation is, and which idempotency keys were used for what."""

    def note_sender(self, conversation_id: str, owner: str, sender: str, now: datetime) -> None:
        """Remember who speaks in a conversation; more often is as good as once."""
        ...

    def claim(self, owner: str, key_hash: str, fingerprint: str, now: datetime) -> bool:
        """Take an idempotency key of `owner` for a message; False when it was used for another one within a day."""
        ...


class Subscriptions(Protocol):
    """Who is told."""

    def add(self, subscription: Subscription, *, at_most: int) -> bool:
        """Keep a new one; False, and nothing is kept, when its owner has `at_most` already."""
        ...

    def get(self, subscription_id: str) -> Subscription | None:
        """Return one, None when there is none."""
        ...

    def list(self, owner: str | None = None) -> list[Subscription]:
        """Return those of an owner, or all, oldest first."""
        ...

    def may_read(self, owner: str) -> bool:
        """Tell whether an owner may read its conversations; one who may not is told nothing, whatever is kept here."""
        ...

    def remove(self, subscription_id: str) -> bool:
        """Forget one and what it was still to be told; False when there was none."""
        ...

    def rotate(self, subscription_id: str, salt: str, *, old_until: datetime) -> bool:
        """Give a new salt; the one before stays good until `old_until`. False when there is no such one."""
        ...

    def switch_on(self, subscription_id: str) -> bool:
        """Tell it again what comes from now on; False when it was on, or is none."""
        ...


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """Somebody else has a conversation of the REST channel `since`, and nobody was told yet."""

    conversation_id: str
    owner: Owner
    since: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one address, claimed by this process. `sender` names the conversation."""

    number: int
    claim: str
    subscription: Subscription
    event: Event
    sender: str
    failures: int
    put_at: datetime


class WebhookOutbox(Protocol):
    """What is still to be told: each event once a subscription, in order within a conversation."""

    def put(self, event: Event, now: datetime) -> int:
        """Keep an event for everybody who wants it; return for how many. Again is as good as once."""
        ...

    def changes(self, since: datetime, *, limit: int) -> list[OwnerChange]:
        """Return the changes of owner after `since` that are not put yet, oldest first."""
        ...

    def claim(self, now: datetime, *, limit: int, busy: Mapping[str, int], each: int) -> list[Delivery]:
        """Take what is due, `limit` at most; no other process gets it for a while.

        Of one conversation only the oldest for each subscription; `each` at a time for one subscription, of which
        `busy` are under way.
        """
        ...

    def delivered(self, delivery: Delivery, now: datetime) -> None:
        """It arrived; what else waits for that subscription's recovery is due at once."""
        ...

    def failed(self, delivery: Delivery, now: datetime, again_at: datetime | None, why: str) -> datetime:
        """It did not: try `again_at`, or never. Return since when the subscription fails."""
        ...

    def switch_off(self, subscription_id: str, reason: OffReason, now: datetime) -> bool:
        """Tell a subscription nothing any more; True when it was on until now."""
        ...


class WebhookSender(Protocol):
    """Brings a body to an address."""

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send it once; whatever goes wrong is a reply."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class AddressRules(Protocol):
    """Which addresses may be told at all."""

    def refusal(self, url: str) -> str | None:
        """Return in a word why an address may not be told, None when it may (as far as it can be seen in it)."""
        ...
