"""What is connected of outside desks, as the edge sees it."""

from __future__ import annotations

from dataclasses import dataclass

from peyk.services.mirror import MirrorTickets
from peyk.services.outside_desk import OutsideDesk


@dataclass(frozen=True, slots=True)
class Helpdesks:
    """The mirror of tickets and the desk for chats; each None where the shop has none."""

    mirror: MirrorTickets | None = None
    chats: OutsideDesk | None = None
