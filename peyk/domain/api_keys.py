"""What programs of the shop may do with their keys."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a key is good for."""

    SEND_MESSAGES = "messages:write"
    READ_CONVERSATIONS = "conversations:read"
    MANAGE_WEBHOOKS = "webhooks:manage"


# A program that asks for its customers also has to read what people answer them.
DEFAULT_SCOPES = (Scope.SEND_MESSAGES, Scope.READ_CONVERSATIONS)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as an operator sees it; the key itself is not kept. `last_used_at` is true to a minute."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


def as_words(scopes: Collection[Scope]) -> str:
    """Return scopes in their usual order, separated by blanks."""
    return " ".join(scope.value for scope in Scope if scope in scopes)


def owner_of(key_id: str) -> str:
    """Return whose a key's senders are: a sender belongs to the key it came with."""
    return f"key:{key_id}"
