"""The edge's side of outside desks: their webhooks, and the regular look at them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI

from peyk.ports import Clock
from peyk.ports.inbox import Inbox
from peyk.services.helpdesks import Helpdesks
from peyk.settings import Settings
from peyk.settings_helpdesk import HelpdeskKind
from peyk.web.background import Background
from peyk.web.chatwoot_bot import ChatwootBotChannel
from peyk.web.desk_hooks import DeskHooks
from peyk.web.memory import Memory

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

# People who wait for an answer are looked after more often than tickets. Each look at our own store is cheap.
TICKETS_EVERY_S = 5.0
CHATS_EVERY_S = 1.0


class HelpdeskEdge:
    """Webhooks in, and a thread of its own for each desk."""

    def __init__(
        self,
        settings: Settings,
        desks: Helpdesks,
        inbox: Inbox,
        memory: Memory,
        clock: Clock,
        bot: ChatwootBotChannel | None = None,
    ) -> None:
        """Prepare; nothing is asked before the lifespan begins."""
        self._bot = bot
        self._settings = settings
        self._desks = desks
        self._work: list[Background] = []
        if desks.mirror is not None:
            self._work.append(Background("helpdesk", desks.mirror.tick, TICKETS_EVERY_S))
        if desks.chats is not None:
            self._work.append(Background("outside-desk", desks.chats.tick, CHATS_EVERY_S))
        self._hooks = DeskHooks(inbox, memory, clock, self._wake)
        if settings.chatwoot_webhook_secret.get_secret_value() and self._work:
            self._hooks.add_chatwoot(settings.chatwoot_webhook_secret, self._look_chatwoot)
        if settings.zammad_webhook_secret.get_secret_value() and settings.helpdesk is HelpdeskKind.ZAMMAD:
            self._hooks.add_zammad(settings.zammad_webhook_secret, self._look_ticket)
        if bot is not None:
            self._hooks.router.include_router(bot.routes())

    def routes(self) -> APIRouter:
        """Return the webhooks' routes; none where no secret is set."""
        return self._hooks.router

    def during(self, lifespan: Lifespan) -> Lifespan:
        """Return a lifespan with the regular looks in it."""

        @asynccontextmanager
        async def wrapped(web: FastAPI) -> AsyncIterator[None]:
            async with lifespan(web):
                for work in self._work:
                    work.start()
                if self._bot is not None:
                    self._bot.start()
                yield
                if self._bot is not None:
                    await self._bot.stop()
                for work in self._work:
                    await work.stop()

        return wrapped

    def _wake(self) -> None:
        for work in self._work:
            work.wake()

    def _look_chatwoot(self, external_id: str, written: bool) -> bool:
        chats = self._desks.chats
        if chats is not None and chats.nudge(external_id, written=written):
            return True
        return self._settings.helpdesk is HelpdeskKind.CHATWOOT and self._look_ticket(external_id, written)

    def _look_ticket(self, external_id: str, _: bool) -> bool:
        return self._desks.mirror is not None and self._desks.mirror.nudge(external_id)
