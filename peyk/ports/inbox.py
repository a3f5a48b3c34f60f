"""What has been received and acknowledged, but perhaps not answered yet; the store implements it.

For channels that cannot wait for an answer. Every method may raise Unavailable("store"). All are short, and called
off the event loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Received:
    """Something received: `key` is the channel's own name for it, `body` what came (JSON), `received_at` UTC."""

    key: str
    conversation_id: str
    body: Mapping[str, Any] = field(repr=False)
    received_at: datetime


class Inbox(Protocol):
    """What channels have taken. Safe under concurrent calls of any number of processes."""

    def put(self, channel: str, received: Received) -> bool:
        """Keep what came; False, and nothing is kept, when its key was there before (done or not)."""
        ...

    def open(self, channel: str, *, limit: int) -> list[Received]:
        """Return what is not done, in the order it was put, `limit` at most."""
        ...

    def done(self, channel: str, key: str, now: datetime) -> None:
        """Mark it done and forget what it said; the key stays, so that it is not taken again."""
        ...
