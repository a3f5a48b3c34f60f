"""Which help desk stands outside, put together from the settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from peyk.adapters._resilience import GuardedBotDesk, GuardedHandOffDesk, GuardedHelpdesk
from peyk.adapters.helpdesk.chatwoot import ChatwootApi, ChatwootBot, ChatwootDesk, ChatwootHelpdesk, ChatwootPlace
from peyk.adapters.helpdesk.zammad import ZammadApi, ZammadHelpdesk, ZammadPlace
from peyk.bootstrap_guards import Guards
from peyk.domain.outside import TicketDraft
from peyk.ports.bot_desk import BotDesk
from peyk.ports.clock import Clock
from peyk.ports.helpdesk import OutsideHelpdesk
from peyk.ports.journal import Journal
from peyk.ports.mirror import TicketStates
from peyk.services.helpdesks import Helpdesks
from peyk.services.mirror import MirrorTickets
from peyk.services.outside_desk import OutsideDesk, People
from peyk.settings import Settings
from peyk.settings_helpdesk import HelpdeskKind
from peyk.store.desk_threads import StoredThreads
from peyk.store.helpdesk_links import StoredLinks
from peyk.store.system_states import StoredSystemStates

# One step may be a dozen calls, each with the deadline of a call; nobody waits for it.
STEP_DEADLINE_S = 120.0


def make_helpdesks(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    journal: Journal,
    tickets: TicketStates,
    people: People | None = None,
) -> Helpdesks:
    """Connect what the settings name; nothing is sent yet. Raises SettingsError.

    `people` is the hand-off service: without it no chats are handed over to an outside desk.
    """
    guards = Guards(settings, StoredSystemStates(engine, clock))
    return Helpdesks(
        _mirror(settings, engine, clock, tickets, guards),
        _chats(settings, engine, clock, journal, people, guards),
        _guarded_bot(settings, guards),
    )


def _mirror(
    settings: Settings, engine: Engine, clock: Clock, tickets: TicketStates, guards: Guards
) -> MirrorTickets | None:
    desk = _desk(settings)
    if desk is None:
        return None
    return MirrorTickets(
        desk=GuardedHelpdesk(desk, guards.of(desk.system, deadline_s=STEP_DEADLINE_S)),
        links=StoredLinks(engine),
        tickets=tickets,
        clock=clock,
        secret_key=settings.secret_key,
        language=settings.default_language,
        look_every=timedelta(seconds=settings.helpdesk_look_s),
    )


def _desk(settings: Settings) -> OutsideHelpdesk | None:
    desk: OutsideHelpdesk
    if settings.helpdesk is HelpdeskKind.BUILTIN:
        return None
    if settings.helpdesk is HelpdeskKind.CHATWOOT:
        desk = ChatwootHelpdesk(ChatwootApi(_chatwoot(settings)))
    else:
        place = ZammadPlace(
            settings.zammad_url,
            settings.zammad_token,
            settings.zammad_group,
            settings.zammad_key_attribute,
            settings.helpdesk_allow_http,
            settings.deadline_s,
        )
        desk = ZammadHelpdesk(ZammadApi(place))
    desk.states = desk.states.with_changes(settings.states_read, settings.states_set)
    return desk


def _chats(
    settings: Settings, engine: Engine, clock: Clock, journal: Journal, people: People | None, guards: Guards
) -> OutsideDesk | None:
    if not settings.chatwoot_handoff or people is None:
        return None
    desk = ChatwootDesk(ChatwootApi(_chatwoot(settings)))
    return OutsideDesk(
        desk=GuardedHandOffDesk(desk, guards.of(f"{desk.system}-chats", deadline_s=STEP_DEADLINE_S)),
        threads=StoredThreads(engine),
        journal=journal,
        people=people,
        clock=clock,
        secret_key=settings.secret_key,
        language=settings.default_language,
    )


def _bot(settings: Settings) -> ChatwootBot | None:
    if not settings.chatwoot_bot:
        return None
    own = _chatwoot(settings)
    place = replace(own, token=settings.chatwoot_bot_token)
    return ChatwootBot(ChatwootApi(place), ChatwootApi(own))


def _guarded_bot(settings: Settings, guards: Guards) -> BotDesk | None:
    bot = _bot(settings)
    # A customer waits: two calls at most.
    return GuardedBotDesk(bot, guards.of("chatwoot-bot", deadline_s=2 * settings.deadline_s)) if bot else None


def _chatwoot(settings: Settings) -> ChatwootPlace:
    return ChatwootPlace(
        settings.chatwoot_url,
        settings.chatwoot_token,
        settings.chatwoot_account,
        settings.chatwoot_inbox,
        settings.helpdesk_allow_http,
        settings.deadline_s,
    )


def try_desk(settings: Settings) -> None:
    """Ask the desk for a ticket that cannot be there. Raises ExternalError when it does not answer as it should."""
    desk = _desk(settings)
    if desk is not None:
        desk.find(TicketDraft("peyk-check", "", "", "", "peyk-check", ""))


def bot_may_read(settings: Settings) -> bool:
    """Tell whether the agent bot can see who has a conversation. Raises ExternalError when it cannot be asked."""
    bot = _bot(settings)
    return bot is not None and bot.has_bot(1, None) is not None
