"""The help desk outside: how the mirrors of our tickets and the chats there stand."""

from __future__ import annotations

from typing import Annotated

import typer

from peyk.cli.common import FAILED, printable, the_engine, the_settings
from peyk.launcher.console import complain, say
from peyk.settings_helpdesk import HelpdeskKind

app = typer.Typer(no_args_is_help=True, help="The help desk outside.")

Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]


@app.command("status")
def status(limit: Limit = 50) -> None:
    """List the mirrors of tickets and the chats outside, those in trouble first; exit 1 when any is."""
    from peyk.store.desk_threads import StoredThreads
    from peyk.store.helpdesk_links import StoredLinks

    settings = the_settings()
    if settings.helpdesk is HelpdeskKind.BUILTIN and not settings.chatwoot_handoff:
        say("no help desk outside: PEYK_HELPDESK is builtin")
        return
    engine = the_engine(settings)
    trouble = False
    links = StoredLinks(engine).all(settings.helpdesk.value, limit=limit)
    for link in links:
        trouble |= bool(link.attempts)
        synced = f"{link.synced_at:%Y-%m-%d %H:%M}" if link.synced_at else "never"
        where = f"{link.system} {link.external_id}" if link.external_id else f"not at {link.system} yet"
        say(f"{link.ticket_number}  {where:24}  {link.their_state or '-':14}  {synced:16}  {printable(link.error)}")
    threads = StoredThreads(engine).all(HelpdeskKind.CHATWOOT.value, limit=limit)
    for thread in threads:
        trouble |= bool(thread.attempts)
        say(f"chat  {thread.system} {thread.external_id or '-'}  {printable(thread.error)}")
    if not links and not threads:
        say("nothing there yet")
    if trouble:
        complain("some are in trouble; they are tried again, the pauses growing to ten minutes")
        raise typer.Exit(FAILED)


@app.command("check")
def check() -> None:
    """Ask the help desk outside whether address and token are right."""
    from peyk.bootstrap_helpdesk import bot_may_read, try_desk

    settings = the_settings()
    if settings.chatwoot_bot and not bot_may_read(settings):
        complain("PEYK_CHATWOOT_TOKEN may not read conversations: the agent bot answers nothing, people do")
        raise typer.Exit(FAILED)
    if settings.helpdesk is HelpdeskKind.BUILTIN and settings.chatwoot_bot:
        say("chatwoot answers the agent bot")
        return
    if settings.helpdesk is HelpdeskKind.BUILTIN:
        say("no help desk outside: PEYK_HELPDESK is builtin")
        return
    try_desk(settings)
    say(f"{settings.helpdesk.value} answers, and takes the token")
