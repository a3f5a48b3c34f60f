"""What the web chat asks of other parts of Peyk. All calls are short, and made off the event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from peyk.domain.conversations import Caller


class ChatFiles(Protocol):
    """Files customers and agents have sent."""

    def described(self, conversation_id: str, file_ids: Sequence[str]) -> list[Mapping[str, Any]] | None:
        """Return `{"id", "name", "type", "size"}` of each; None when one is not of this conversation."""
        ...

    def link(self, file_id: str) -> str:
        """Return the path, good for a while, under which a file is opened."""
        ...


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

    def news(self, caller: Caller, shown: dict[str, Any], language: str) -> dict[str, Any] | None:
        """Return the order as it is now, None when nothing has changed or nobody can say."""
        ...


class NoFiles:
    """Where files are not kept: none is known."""

    def described(self, conversation_id: str, file_ids: Sequence[str]) -> list[Mapping[str, Any]] | None:
        """Know no file."""
        return None

    def link(self, file_id: str) -> str:
        """Point nowhere."""
        return ""


class NoPeople:
    """A shop without people."""

    def name(self, agent: str) -> str | None:
        """Know nobody."""
        return None

    def place(self, conversation_id: str) -> int | None:
        """Know no queue."""
        return None
