"""Who is told of a key's conversations: subscriptions, their secrets, and a try by hand."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from peyk.domain.webhooks import (
    EVENT_HEADER,
    EVENT_ID_HEADER,
    SIGNATURE_HEADER,
    SUBSCRIBABLE,
    EventType,
    Reply,
    Subscription,
    secret_of,
    signature,
)
from peyk.errors import PeykError
from peyk.ports import Clock
from peyk.ports.rest import AddressRules, Subscriptions, WebhookSender

AT_MOST = 10
# So long a receiver may still look for the secret of before.
OLD_SECRET_FOR = timedelta(hours=24)
USER_AGENT = "Peyk-Webhooks/1"


class BadAddress(PeykError):
    """An address that may not be told; the word says why."""


class MayNotRead(PeykError):
    """The owner may not read the conversations it wants to be told of."""


class TooMany(PeykError):
    """An owner has as many subscriptions as it may."""


@dataclass(frozen=True)
class Webhooks:
    """The subscriptions; a secret is shown when it is made and never again."""

    subscriptions: Subscriptions
    sender: WebhookSender
    rules: AddressRules
    clock: Clock
    secret_key: SecretStr

    def add(self, owner: str, url: str, events: Collection[EventType] = SUBSCRIBABLE) -> tuple[Subscription, str]:
        """Tell `url` of the owner's conversations from now on; return the secret, too.

        Raises BadAddress, MayNotRead or TooMany.
        """
        refusal = self.rules.refusal(url)
        if refusal is not None:
            raise BadAddress(refusal)
        self._check(owner)
        subscription = Subscription(
            id=f"wh_{secrets.token_hex(8)}",
            owner=owner,
            url=url,
            events=frozenset(events),
            salt=secrets.token_hex(16),
            created_at=self.clock.now(),
        )
        if not self.subscriptions.add(subscription, at_most=AT_MOST):
            raise TooMany(owner)
        return subscription, self._secrets(subscription)[0]

    def all(self, owner: str | None = None) -> list[Subscription]:
        """Return the owner's, or all, oldest first."""
        return self.subscriptions.list(owner)

    def get(self, subscription_id: str, owner: str | None = None) -> Subscription | None:
        """Return one, None when there is none or it is another owner's."""
        found = self.subscriptions.get(subscription_id)
        return None if found is None or owner not in (None, found.owner) else found

    def remove(self, subscription: Subscription) -> bool:
        """Tell it nothing any more; False when it was gone already."""
        return self.subscriptions.remove(subscription.id)

    def switch_on(self, subscription: Subscription) -> bool:
        """Tell it again, from now on; False when it was on. Raises MayNotRead."""
        self._check(subscription.owner)
        return self.subscriptions.switch_on(subscription.id)

    def rotate(self, subscription: Subscription) -> tuple[str, datetime]:
        """Make a new secret; return it, and until when the one before is good, too."""
        salt, until = secrets.token_hex(16), self.clock.now() + OLD_SECRET_FOR
        self.subscriptions.rotate(subscription.id, salt, old_until=until)
        return self._secrets(replace(subscription, salt=salt))[0], until

    async def test(self, subscription: Subscription) -> Reply:
        """Send an event that says nothing, once, at once."""
        now = self.clock.now()
        event_id = f"evt_{secrets.token_hex(16)}"
        content = {"id": event_id, "type": EventType.TEST.value, "created_at": now.isoformat(), "data": {}}
        return await self.send(subscription, EventType.TEST, event_id, content)

    async def send(self, subscription: Subscription, kind: EventType, event_id: str, content: dict[str, Any]) -> Reply:
        """Sign and send an event, once."""
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            EVENT_HEADER: kind.value,
            EVENT_ID_HEADER: event_id,
            SIGNATURE_HEADER: signature(self._secrets(subscription), self.clock.now(), body),
        }
        return await self.sender.send(subscription.url, headers, body)

    def _check(self, owner: str) -> None:
        if not self.subscriptions.may_read(owner):
            raise MayNotRead(owner)

    def _secrets(self, subscription: Subscription) -> list[str]:
        key = self.secret_key.get_secret_value()
        return [secret_of(key, subscription.id, salt) for salt in subscription.salts(self.clock.now())]
