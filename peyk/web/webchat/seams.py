"""What the web chat asks of other parts of Peyk. All calls are short, and made off the event loop."""

from __future__ import annotations

from typing import Any, Protocol

from peyk.domain.conversations import Caller
from peyk.domain.identity import Verification


class People(Protocol):
    """The shop's people, as far as a customer sees them."""

    def name(self, agent: str) -> str | None:
        """Return the name an agent has for customers."""
        ...

    def place(self, conversation_id: str) -> int | None:
        """Return a conversation's place in the queue, from 1; None when it does not wait."""
        ...


class FollowsOrders(Protocol):
    """Tells what has become of an order since it was shown (`peyk.services.follow`)."""

    def goes_on(self, order: dict[str, Any]) -> bool:
        """Tell whether anything may still happen to the order of a card."""
        ...

    def proof(self, caller: Caller) -> Verification | None:
        """Return the proof that opens orders now, None without one. Raises Unavailable."""
        ...

    def news(self, caller: Caller, shown: dict[str, Any], language: str) -> dict[str, Any] | None:
        """Return the order as it is now, None when nothing has changed or nobody can say."""
        ...
