"""The edge as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import structlog
from fastapi import FastAPI

from peyk.ports import Clock
from peyk.ports.edge import ApiKeys, Contacts, DemoFaults, DemoOutbox, Upkeep
from peyk.ports.inbox import Inbox
from peyk.ports.journal import Journal
from peyk.services.handoff import HandOff
from peyk.services.helpdesks import Helpdesks
from peyk.services.helped import DidItHelp
from peyk.settings import Settings
from peyk.web import demo_page, health, rest
from peyk.web.addresses import ClientAddresses
from peyk.web.bursts import Bursts
from peyk.web.chatwoot_bot import ChatwootBotChannel
from peyk.web.commands import Commands, handoff_commands, ticket_commands
from peyk.web.guard import Guard
from peyk.web.handover import HandOver
from peyk.web.helpdesks import HelpdeskEdge
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.patience import Timing
from peyk.web.rasa import Rasa, action_health_url
from peyk.web.sentences import Languages
from peyk.web.telegram import TelegramChannel
from peyk.web.turns import Turns
from peyk.worker import Worker

log = structlog.get_logger(__name__)

PRUNE_EVERY_S = 3600.0


class EdgeApp(Protocol):
    """What the edge needs of `peyk.bootstrap.App`; the demo's two are None outside demo mode."""

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def journal(self) -> Journal:
        """What was said, and who answers."""
        ...

    @property
    def inbox(self) -> Inbox:
        """What channels have received and not yet answered."""
        ...

    @property
    def identity(self) -> Contacts:
        """What proves customers."""
        ...

    @property
    def handoff(self) -> HandOff:
        """What gives conversations to people."""
        ...

    @property
    def did_it_help(self) -> DidItHelp:
        """What takes the answers to "did it help?"."""
        ...

    @property
    def worker(self) -> Worker:
        """What is done now and then."""
        ...

    @property
    def upkeep(self) -> Upkeep:
        """What the store needs now and then."""
        ...

    @property
    def api_keys(self) -> ApiKeys:
        """Keys of the REST channel."""
        ...

    @property
    def helpdesks(self) -> Helpdesks:
        """Help desks outside."""
        ...

    @property
    def outbox(self) -> DemoOutbox | None:
        """The demo's text messages."""
        ...

    @property
    def faults(self) -> DemoFaults | None:
        """The demo's faults."""
        ...


def create_app(app: EdgeApp, timing: Timing | None = None) -> FastAPI:
    """Build the edge. Raises SettingsError when a setting only the edge reads is wrong; `timing` is for its pauses."""
    settings = app.settings
    rasa = Rasa(
        settings.rasa_url,
        settings.run_secret.get_secret_value(),
        settings.rasa_timeout_s,
        action_health_url(settings.action_url),
    )
    memory = Memory(app.journal, app.upkeep, app.clock)
    languages = Languages(settings.default_language)
    live = Live(memory.last_seqs)
    helped = ticket_commands(app.did_it_help, app.handoff.language_of)
    commands = Commands({**handoff_commands(app.handoff), **helped})
    turns = Turns(rasa, memory, languages, HandOver(app.handoff, rasa), commands, live.nudge)
    bursts = Bursts(settings)
    telegram = _telegram(app, memory, turns, languages, bursts, timing or Timing())
    addresses = ClientAddresses(settings.trusted_proxies, settings.secret_key)
    bot = _chatwoot_bot(app, memory, turns, languages, bursts, timing or Timing())
    desks = HelpdeskEdge(settings, app.helpdesks, app.inbox, memory, app.clock, bot)
    web = FastAPI(
        title="Peyk",
        description="Where is my order? See docs/rest.md.",
        lifespan=desks.during(_lifespan(app.worker, rasa, memory, turns, bursts, live, telegram)),
        openapi_url="/openapi.json" if settings.demo else None,
        # The pages FastAPI brings load their scripts from a foreign server.
        docs_url=None,
        redoc_url=None,
    )
    web.add_middleware(Guard, language=settings.default_language)
    web.include_router(health.routes(rasa, memory))
    web.include_router(
        rest.routes(rest.RestChannel(settings, app.api_keys, memory, addresses, bursts, languages, turns))
    )
    web.include_router(desks.routes())
    if telegram is not None and settings.telegram_webhook_url:
        web.include_router(telegram.routes())
    if settings.demo and app.outbox is not None and app.faults is not None:
        web.include_router(demo_page.routes(app.outbox, app.faults, memory))
    return web


def _telegram(
    app: EdgeApp, memory: Memory, turns: Turns, languages: Languages, bursts: Bursts, timing: Timing
) -> TelegramChannel | None:
    if not app.settings.telegram_token.get_secret_value():
        return None
    return TelegramChannel(
        app.settings, app.clock, app.inbox, app.identity, memory, turns, languages, bursts, timing=timing
    )


def _chatwoot_bot(
    app: EdgeApp, memory: Memory, turns: Turns, languages: Languages, bursts: Bursts, timing: Timing
) -> ChatwootBotChannel | None:
    bot = app.helpdesks.bot
    if bot is None:
        return None
    return ChatwootBotChannel(
        app.settings, app.clock, app.inbox, app.journal, bot, memory, turns, languages, bursts, timing=timing
    )


def _lifespan(
    worker: Worker,
    rasa: Rasa,
    memory: Memory,
    turns: Turns,
    bursts: Bursts,
    live: Live,
    telegram: TelegramChannel | None,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        regular = [asyncio.create_task(_prune_now_and_then(memory)), asyncio.create_task(worker.run())]
        live.start()
        if telegram is not None:
            telegram.start()
        yield
        if telegram is not None:
            await telegram.stop()
        for task in regular:
            task.cancel()
        await asyncio.gather(*regular, return_exceptions=True)
        await turns.finish()
        await live.stop()
        await rasa.close()
        await bursts.close()
        memory.stop()

    return lifespan


async def _prune_now_and_then(memory: Memory) -> None:
    while True:
        try:
            log.info("edge.pruned", rows=await memory.prune())
        except Exception as exc:  # noqa: BLE001  (whatever is wrong with the store now, the next time may be better)
            log.warning("edge.prune_failed", error=type(exc).__name__)
        await asyncio.sleep(PRUNE_EVERY_S)
