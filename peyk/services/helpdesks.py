"""What is connected of outside desks, as the edge sees it."""

from __future__ import annotations

from dataclasses import dataclass

from peyk.ports.bot_desk import BotDesk
from peyk.services.mirror import MirrorTickets
from peyk.services.outside_desk import OutsideDesk


@dataclass(frozen=True, slots=True)
class Helpdesks:
    """The mirror of tickets, the desk for chats, the one whose bot we are; each None where the shop has none."""

    mirror: MirrorTickets | None = None
    chats: OutsideDesk | None = None
    bot: BotDesk | None = None
