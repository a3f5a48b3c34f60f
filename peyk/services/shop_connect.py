"""One click connects a shop: its owner agrees there, and its system sends the keys to a place good for one use."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import SecretStr

from peyk.errors import BadAnswer
from peyk.ports.clock import Clock
from peyk.ports.handoff import Ticks
from peyk.ports.shops import ShopKeys
from peyk.services.shop_news import ShopIntake

log = structlog.get_logger(__name__)

# As long as it takes to log in to the shop and agree.
GOOD_FOR = timedelta(minutes=30)


class ShopConnect:
    """Makes the place, and takes the keys that are sent to it, once."""

    def __init__(self, name: str, keys: ShopKeys, ticks: Ticks, clock: Clock, secret_key: SecretStr) -> None:
        self.name = name
        self._keys = keys
        self._ticks = ticks
        self._clock = clock
        self._signer = URLSafeSerializer(secret_key.get_secret_value(), salt=f"shop keys {name}")

    def begin(self, edge: str) -> str:
        """Return where the shop's owner agrees; `edge` is the https address of the edge."""
        until = (self._clock.now() + GOOD_FOR).timestamp()
        ticket = self._signer.dumps([round(until), secrets.token_urlsafe(16)])
        place = f"{edge.rstrip('/')}/hooks/shop/{self.name}/keys/"
        return self._keys.address(f"{place}{ticket}", f"{place}done")

    def finish(self, ticket: str, body: bytes) -> bool:
        """Keep the keys that were sent; False for a place that is none, not any more, or was used."""
        now = self._clock.now()
        if not self._is_good(ticket, now):
            log.warning("shop_keys.refused", shop=self.name, why="ticket")
            return False
        try:
            self._keys.take(body)
        except (BadAnswer, OSError) as exc:
            log.warning("shop_keys.refused", shop=self.name, why=type(exc).__name__)
            return False
        log.info("shop_keys.kept", shop=self.name)
        return True

    def _is_good(self, ticket: str, now: datetime) -> bool:
        try:
            until, _ = self._signer.loads(ticket)
        except (BadSignature, ValueError, TypeError):
            return False
        name = hashlib.sha256(ticket.encode()).hexdigest()[:32]
        # Kept until nobody could use it any more, so that the second use finds it taken.
        return now.timestamp() < until and self._ticks.claim(f"shop.keys.{name}", now, now + 2 * GOOD_FOR)


@dataclass(frozen=True, slots=True)
class ShopDoors:
    """What the edge takes from the shop's system: its webhooks, and its keys."""

    intake: ShopIntake | None = None
    connect: ShopConnect | None = None
