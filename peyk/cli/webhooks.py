"""Webhooks: which servers of the shop are told what people answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import FAILED, WRONG_SETTING, the_engine, the_settings
from peyk.domain.api_keys import Scope, owner_of
from peyk.domain.webhooks import SUBSCRIBABLE, EventType, Reply, Subscription
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from peyk.services.webhooks import Webhooks

DEMO = "demo"
KEY_PREFIX = "key:"
WHY_NOT = {
    "bad_url": "that is no address: use https://<host>/<path>, without a user name and without #",
    "not_https": "the address must begin with https:// (http:// to this machine in demo mode only)",
    "not_public": "the address is not public; PEYK_WEBHOOK_ALLOW names the private networks that are allowed",
}

Id = Annotated[str, typer.Argument(help="The id `webhooks list` shows.")]
Key = Annotated[str, typer.Option(help="Whose conversations: the id `keys list` shows, or `demo` in demo mode.")]
Url = Annotated[str, typer.Option(help="Where to: a public https address.")]
Events = Annotated[
    list[EventType] | None, typer.Option("--event", help="What of; may be given several times (default: all).")
]


app = typer.Typer(no_args_is_help=True, help="Servers of the shop that are told what people answer.")


@app.command("add")
def webhooks_add(key: Key, url: Url, event: Events = None) -> None:
    """Tell an address from now on; print its id and its secret: the only time it can be seen."""
    from peyk.services.webhooks import BadAddress, MayNotRead, TooMany

    if EventType.TEST in (event or ()):
        complain("a test is sent by `peyk webhooks test`, nobody waits for it")
        raise typer.Exit(WRONG_SETTING)
    try:
        made, secret = _webhooks().add(_owner(key), url, event or SUBSCRIBABLE)
    except BadAddress as exc:
        complain(WHY_NOT[str(exc)])
        raise typer.Exit(WRONG_SETTING) from None
    except MayNotRead:
        _complain_of_scope()
        raise typer.Exit(FAILED) from None
    except TooMany:
        complain("this key has as many webhooks as it may: see `peyk webhooks list`")
        raise typer.Exit(FAILED) from None
    say(f"{made.id}  {secret}")


@app.command("list")
def webhooks_list() -> None:
    """List the webhooks: id, key, state, what of, where to."""
    for each in _webhooks().all():
        events = ",".join(sorted(each.events))
        say(f"{each.id}  {each.owner.removeprefix(KEY_PREFIX):12}  {_state(each):32}  {events}  {each.url}")


@app.command("remove")
def webhooks_remove(webhook_id: Id) -> None:
    """Tell an address no more; what it was still to be told is dropped."""
    webhooks = _webhooks()
    webhooks.remove(_known(webhooks, webhook_id))
    say(f"{webhook_id} is removed")


@app.command("enable")
def webhooks_enable(webhook_id: Id) -> None:
    """Tell an address that was switched off again, from now on."""
    from peyk.services.webhooks import MayNotRead

    webhooks = _webhooks()
    try:
        webhooks.switch_on(_known(webhooks, webhook_id))
    except MayNotRead:
        _complain_of_scope()
        raise typer.Exit(FAILED) from None
    say(f"{webhook_id} is on")


@app.command("rotate")
def webhooks_rotate(webhook_id: Id) -> None:
    """Make a new secret and print it; for a day everything is signed with both."""
    webhooks = _webhooks()
    secret, until = webhooks.rotate(_known(webhooks, webhook_id))
    say(f"{secret}  (the one before is good until {until:%Y-%m-%d %H:%M} UTC)")


@app.command("test")
def webhooks_test(webhook_id: Id) -> None:
    """Send an event that says nothing, once, and print how it was taken."""
    webhooks = _webhooks()
    reply = asyncio.run(_try(webhooks, _known(webhooks, webhook_id)))
    if not reply.good:
        complain(f"{webhook_id} did not take it: {reply}")
        raise typer.Exit(FAILED)
    say(f"{webhook_id} took it: {reply}")


async def _try(webhooks: Webhooks, subscription: Subscription) -> Reply:
    try:
        return await webhooks.test(subscription)
    finally:
        await webhooks.sender.close()


def _owner(key: str) -> str:
    from peyk.adapters.clock import SystemClock
    from peyk.store.api_keys import StoredApiKeys

    settings = the_settings()
    if key == DEMO and settings.demo:
        return key
    keys = StoredApiKeys(the_engine(settings), SystemClock()).list()
    if not any(known.id == key and known.revoked_at is None for known in keys):
        complain(f"no key in force has the id {key}: see `peyk keys list`")
        raise typer.Exit(FAILED)
    return owner_of(key)


def _known(webhooks: Webhooks, webhook_id: str) -> Subscription:
    found = webhooks.get(webhook_id)
    if found is None:
        complain(f"there is no webhook {webhook_id}: see `peyk webhooks list`")
        raise typer.Exit(FAILED)
    return found


def _complain_of_scope() -> None:
    complain(f"its key may not read conversations: it is revoked, or has not the scope {Scope.READ_CONVERSATIONS}")


def _state(subscription: Subscription) -> str:
    if subscription.off_at is not None:
        return f"off {subscription.off_at:%Y-%m-%d %H:%M} ({subscription.off_reason})"
    if subscription.muted:
        return f"off (needs {Scope.READ_CONVERSATIONS})"
    if subscription.failing_since is not None:
        return f"failing since {subscription.failing_since:%Y-%m-%d %H:%M}"
    return "on"


def _webhooks() -> Webhooks:
    from peyk.adapters.clock import SystemClock
    from peyk.bootstrap import webhook_delivery

    settings = the_settings()
    return webhook_delivery(settings, the_engine(settings), SystemClock()).webhooks
