"""The shop's orders."""

from __future__ import annotations

from typing import Protocol

from peyk.domain.orders import Order


class OrderSource(Protocol):
    """Where orders are read. Every method may raise Unavailable, BadAnswer or RateLimited."""

    def by_number(self, number: str) -> Order:
        """Return the order called `number` exactly (`TS-104233`). Raises NotFound."""
        ...

    def by_suffix(self, digits: str, limit: int = 2) -> list[Order]:
        """Return at most `limit` orders whose number ends in `digits` (six or more)."""
        ...

    def by_mobile(self, mobile: str, limit: int = 3) -> list[Order]:
        """Return the newest orders of a normalised mobile, newest first; empty when there are none."""
        ...

    def by_tracking_code(self, code: str) -> Order:
        """Return the order a tracking code belongs to. Raises NotFound."""
        ...
