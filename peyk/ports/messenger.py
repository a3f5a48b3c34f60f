"""Messages that leave Peyk towards a customer's phone."""

from __future__ import annotations

from typing import Protocol


class Messenger(Protocol):
    """Sends a one-time code or a notice to a mobile."""

    def send_code(self, mobile: str, code: str, language: str, key: str) -> None:
        """Send `code` once per `key`, however often it is called with the same key.

        Raises Unavailable, BadAnswer or RateLimited when it could not be handed over.
        """
        ...
