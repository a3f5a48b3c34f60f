"""API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import FAILED, the_engine, the_settings
from peyk.domain.api_keys import DEFAULT_SCOPES, Scope, as_words, owner_of
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from peyk.store.api_keys import StoredApiKeys

app = typer.Typer(no_args_is_help=True, help="API keys of trusted servers for the REST channel.")


KeyId = Annotated[str, typer.Argument(help="The id `keys list` shows.")]
Scopes = Annotated[
    list[Scope] | None,
    typer.Option(help="What it is good for; may be given several times (default: messages:write, conversations:read)."),
]


@app.command("add")
def keys_add(
    name: Annotated[str, typer.Argument(help="Who uses it, e.g. shop-backend.")], scope: Scopes = None
) -> None:
    """Make a key and print it: the only time it can be seen."""
    say(_keys().create(name, scope or DEFAULT_SCOPES))


@app.command("list")
def keys_list() -> None:
    """List the keys, also revoked ones: id, made, state, last used, scopes, name."""
    for key in _keys().list():
        state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "in force"
        used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
        scopes = ",".join(as_words(key.scopes).split()) or "-"
        say(f"{key.id}  {key.created_at:%Y-%m-%d %H:%M}  {state:24}  {used:21}  {scopes}  {key.name}")


@app.command("scope")
def keys_scope(
    key_id: KeyId, scope: Annotated[list[Scope], typer.Argument(help="All it is good for from now on.")]
) -> None:
    """Say anew what a key is good for."""
    if not _keys().set_scopes(key_id, scope):
        complain(f"no key in force has the id {key_id}: see `peyk keys list`")
        raise typer.Exit(FAILED)
    say(f"{key_id} is good for {as_words(scope)}")
    if Scope.READ_CONVERSATIONS not in scope:
        _say_who_is_not_told(key_id)


@app.command("revoke")
def keys_revoke(key_id: KeyId) -> None:
    """Put a key out of force, at once and for good."""
    if not _keys().revoke(key_id):
        complain(f"no key in force has the id {key_id}: see `peyk keys list`")
        raise typer.Exit(FAILED)
    say(f"{key_id} is revoked")
    _say_who_is_not_told(key_id)


def _say_who_is_not_told(key_id: str) -> None:
    from peyk.store.webhooks import StoredSubscriptions

    told = StoredSubscriptions(the_engine(the_settings())).list(owner_of(key_id))
    if told:
        say(f"told nothing any more: {', '.join(each.id for each in told)}")


def _keys() -> StoredApiKeys:
    from peyk.adapters.clock import SystemClock
    from peyk.store.api_keys import StoredApiKeys

    return StoredApiKeys(the_engine(the_settings()), SystemClock())
