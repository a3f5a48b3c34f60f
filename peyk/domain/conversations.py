"""Who speaks, as the edge vouches for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The conversation a request comes from.

    `conversation_id` is chosen by the edge, never by a client. `address` is a keyed hash of the
    network address, for limits only. `correlation_id` joins the logs of one message.
    """

    conversation_id: str
    address: str = ""
    correlation_id: str = ""
