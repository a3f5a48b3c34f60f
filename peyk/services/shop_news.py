"""Takes what a shop's webhooks say into the index: once each, in any order, and kept before the shop is told so.

What cannot be taken is no loss: the next regular look at the shop finds the same change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

import structlog

from peyk.errors import BadAnswer
from peyk.ports.clock import Clock
from peyk.ports.shops import Forged, NewsKind, ShopIndex, ShopWebhooks

log = structlog.get_logger(__name__)


class Taken(StrEnum):
    """What became of a delivery."""

    KEPT = "kept"
    # Heard before, a ping, or nothing to us.
    NOTHING = "nothing"
    UNREADABLE = "unreadable"
    FORGED = "forged"


class ShopIntake:
    """The webhooks of one shop's system, `name`."""

    def __init__(self, name: str, webhooks: ShopWebhooks, index: ShopIndex, clock: Clock) -> None:
        self.name = name
        # Since this process began.
        self.counts: Counter[Taken] = Counter()
        self._webhooks = webhooks
        self._index = index
        self._clock = clock

    def take(self, headers: Mapping[str, str], body: bytes) -> Taken:
        """Take a delivery. Raises Unavailable("store") when it could not be kept."""
        taken = self._taken(headers, body)
        self.counts[taken] += 1
        if taken in {Taken.FORGED, Taken.UNREADABLE}:
            # Never the body: it is a customer's, or anybody's.
            log.warning("shop_hook.refused", shop=self.name, why=taken.value, so_far=self.counts[taken])
        return taken

    def _taken(self, headers: Mapping[str, str], body: bytes) -> Taken:
        try:
            news = self._webhooks.read(headers, body)
        except Forged:
            return Taken.FORGED
        except BadAnswer:
            return Taken.UNREADABLE
        if news.kind is NewsKind.PING or not self._index.hear(news, self._clock.now()):
            return Taken.NOTHING
        return Taken.KEPT
