"""The edge as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import structlog
from fastapi import APIRouter, FastAPI

from peyk.ports import Clock
from peyk.ports.addresses import Addresses
from peyk.ports.edge import Contacts, DemoFaults, DemoOutbox, DemoProgress, Upkeep
from peyk.ports.handoff import Ticks
from peyk.ports.inbox import Inbox
from peyk.ports.journal import Journal
from peyk.ports.rest import ApiKeys, RestBook
from peyk.ports.systems import SystemStates
from peyk.services.files import Files
from peyk.services.handoff import HandOff
from peyk.services.helpdesks import Helpdesks
from peyk.services.helped import DidItHelp
from peyk.services.shop_connect import ShopDoors
from peyk.services.webhook_delivery import WebhookDelivery
from peyk.settings import Settings
from peyk.web import api, demo_page, files, health, rest, shop_hooks
from peyk.web.addresses import ClientAddresses
from peyk.web.bursts import Bursts
from peyk.web.callers import Callers
from peyk.web.chatwoot_bot import ChatwootBotChannel
from peyk.web.commands import Commands, handoff_commands, ticket_commands
from peyk.web.demo_bot import panel
from peyk.web.demo_bot.chats import demo_bot
from peyk.web.guard import Guard
from peyk.web.handover import HandOver
from peyk.web.helpdesks import HelpdeskEdge
from peyk.web.keeper import Keeper
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.origins import OriginCheck, Origins
from peyk.web.patience import Timing
from peyk.web.rasa import Rasa, action_health_url
from peyk.web.sentences import Languages
from peyk.web.telegram import TelegramChannel
from peyk.web.turns import Turns
from peyk.web.webchat import WebChat, WebChatChannel
from peyk.web.webchat.replay import Replay
from peyk.web.webchat.seams import FollowsOrders
from peyk.web.widget import Widget
from peyk.worker import Worker

log = structlog.get_logger(__name__)

PRUNE_EVERY_S = 3600.0

Console = Callable[[Live, WebChat, Callable[[], Coroutine[Any, Any, object]]], APIRouter]


class EdgeApp(Protocol):
    """What the edge needs of `peyk.bootstrap.App`; the demo's three are None outside demo mode."""

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
    def addresses(self) -> Addresses:
        """Where channels that push find their customers."""
        ...

    @property
    def files(self) -> Files:
        """What customers and agents send beside words."""
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
    def ticks(self) -> Ticks:
        """What lets one of several edges do what is due."""
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
    def shop_doors(self) -> ShopDoors:
        """What is taken from the shop's system."""
        ...

    @property
    def rest_book(self) -> RestBook:
        """What the REST channel remembers of its callers."""
        ...

    @property
    def webhook_delivery(self) -> WebhookDelivery:
        """What tells the shop's servers, and who is told."""
        ...

    @property
    def follow(self) -> FollowsOrders:
        """What tells whether an order has moved."""
        ...

    @property
    def system_states(self) -> SystemStates:
        """Which systems are held off."""
        ...

    @property
    def outbox(self) -> DemoOutbox | None:
        """The demo's text messages."""
        ...

    @property
    def faults(self) -> DemoFaults | None:
        """The demo's faults."""
        ...

    @property
    def progress(self) -> DemoProgress | None:
        """What moves the demo's orders on."""
        ...


def create_app(app: EdgeApp, timing: Timing | None = None, console: Console | None = None) -> FastAPI:
    """Build the edge. Raises SettingsError when a setting only the edge reads is wrong; `timing` is for its pauses.

    `console` makes the operators' pages of what is new, of the chat whose customers write and are read, and of what
    waits for the end.
    """
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
    evidence = files.Evidence(app.files)
    helped = ticket_commands(app.did_it_help, app.handoff.language_of)
    commands = Commands({**handoff_commands(app.handoff), **helped})
    keeper = Keeper(memory, app.clock, timing or Timing(), live.nudge)
    turns = Turns(rasa, memory, languages, HandOver(app.handoff, rasa), commands, keeper, live.nudge, evidence)
    bursts = Bursts(settings)
    telegram = _telegram(app, memory, turns, languages, bursts, timing or Timing(), evidence, live)
    addresses = ClientAddresses(settings.trusted_proxies, settings.secret_key)
    bot = _chatwoot_bot(app, memory, turns, languages, bursts, timing or Timing(), live)
    desks = HelpdeskEdge(settings, app.helpdesks, app.inbox, memory, app.clock, bot)
    webchat = WebChatChannel(
        WebChat(
            settings,
            app.clock,
            app.journal,
            memory,
            turns,
            live,
            bursts,
            languages,
            addresses,
            app.follow,
            evidence,
            app.handoff,
        ),
        Replay(app.journal, memory, turns, app.files, app.ticks, app.clock, settings.rasa_timeout_s),
    )
    lifespan = desks.during(
        _lifespan(app.worker, rasa, memory, turns, bursts, live, evidence, telegram, webchat, app.webhook_delivery)
    )
    demo_telegram = demo_bot(settings)
    web = FastAPI(
        title="Peyk",
        description="Where is my order? See docs/rest.md.",
        lifespan=panel.during(demo_telegram, lifespan),
        # What FastAPI finds out is less than peyk/web/api says, and its pages load scripts from a foreign server.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    web.add_middleware(
        Guard,
        language=settings.default_language,
        large=(evidence.large_bodies(), shop_hooks.LARGE),
        address_of=addresses.hashed,
    )
    # Outermost: a page of another origin can read why it is refused, too.
    web.add_middleware(OriginCheck, origins=Origins(settings.webchat_origins))
    web.state.goodbye = webchat.say_goodbye
    web.include_router(webchat.routes())
    web.include_router(Widget().routes())
    web.include_router(health.routes(rasa, memory, app.system_states))
    web.include_router(files.routes(evidence, settings.default_language))
    web.include_router(desks.routes())
    web.include_router(shop_hooks.routes(app.shop_doors, memory))
    callers = Callers(app.api_keys, app.rest_book, memory, app.clock, settings.secret_key, settings.demo)
    web.include_router(rest.routes(rest.RestChannel(settings, callers, addresses, bursts, languages, turns)))
    shared = api.Api(callers, addresses, bursts, memory, settings.default_language)
    web.include_router(api.history(shared, app.journal, app.clock, app.files.link))
    web.include_router(api.webhooks(shared, app.webhook_delivery.webhooks))
    if settings.api_docs:
        web.include_router(api.description())
    if telegram is not None and settings.telegram_webhook_url:
        web.include_router(telegram.routes())
    if console is not None:
        web.include_router(console(live, webchat.chat, webchat.chat.crowd.told_to_leave))
    if settings.demo and app.outbox is not None and app.faults is not None and app.progress is not None:
        if demo_telegram is not None:
            web.include_router(panel.routes(demo_telegram))
        shop = {"fa": settings.shop_name_fa, "en": settings.shop_name_en}
        shown = demo_telegram is not None
        web.include_router(demo_page.routes(app.outbox, app.faults, app.progress, memory, shop, shown))
    return web


def _telegram(
    app: EdgeApp,
    memory: Memory,
    turns: Turns,
    languages: Languages,
    bursts: Bursts,
    timing: Timing,
    evidence: files.Evidence,
    live: Live,
) -> TelegramChannel | None:
    if not app.settings.telegram_token.get_secret_value():
        return None
    return TelegramChannel(
        app.settings,
        app.clock,
        app.inbox,
        app.identity,
        memory,
        turns,
        languages,
        bursts,
        timing=timing,
        journal=app.journal,
        addresses=app.addresses,
        evidence=evidence,
        live=live,
    )


def _chatwoot_bot(
    app: EdgeApp, memory: Memory, turns: Turns, languages: Languages, bursts: Bursts, timing: Timing, live: Live
) -> ChatwootBotChannel | None:
    bot = app.helpdesks.bot
    if bot is None:
        return None
    return ChatwootBotChannel(
        app.settings,
        app.clock,
        app.inbox,
        app.journal,
        bot,
        memory,
        turns,
        languages,
        bursts,
        timing=timing,
        addresses=app.addresses,
        live=live,
    )


def _lifespan(
    worker: Worker,
    rasa: Rasa,
    memory: Memory,
    turns: Turns,
    bursts: Bursts,
    live: Live,
    evidence: files.Evidence,
    telegram: TelegramChannel | None,
    webchat: WebChatChannel,
    delivery: WebhookDelivery,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        always = (_prune_now_and_then(memory, evidence), worker.run(), delivery.run())
        regular = [asyncio.create_task(each) for each in always]
        live.start()
        webchat.start()
        if telegram is not None:
            telegram.start()
        yield
        await webchat.stop()
        if telegram is not None:
            await telegram.stop()
        for task in regular:
            task.cancel()
        await asyncio.gather(*regular, return_exceptions=True)
        await delivery.close()
        await turns.finish()
        await live.stop()
        await rasa.close()
        await bursts.close()
        memory.stop()
        evidence.stop()

    return lifespan


async def _prune_now_and_then(memory: Memory, evidence: files.Evidence) -> None:
    while True:
        try:
            log.info("edge.pruned", rows=await memory.prune(), files=await evidence.sweep())
        except Exception as exc:  # noqa: BLE001  (whatever is wrong with the store now, the next time may be better)
            log.warning("edge.prune_failed", error=type(exc).__name__)
        await asyncio.sleep(PRUNE_EVERY_S)
