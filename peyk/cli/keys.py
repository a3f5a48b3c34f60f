"""API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import FAILED, the_engine, the_settings
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from peyk.store.api_keys import StoredApiKeys

app = typer.Typer(no_args_is_help=True, help="API keys of trusted servers for the REST channel.")


@app.command("add")
def keys_add(name: Annotated[str, typer.Argument(help="Who uses it, e.g. shop-backend.")]) -> None:
    """Make a key and print it: the only time it can be seen."""
    say(_keys().create(name))


@app.command("list")
def keys_list() -> None:
    """List the keys, also revoked ones."""
    for key in _keys().list():
        state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "in force"
        say(f"{key.id}  {key.created_at:%Y-%m-%d %H:%M}  {state:24}  {key.name}")


@app.command("revoke")
def keys_revoke(key_id: Annotated[str, typer.Argument(help="The id `keys list` shows.")]) -> None:
    """Put a key out of force, at once and for good."""
    if not _keys().revoke(key_id):
        complain(f"no key in force has the id {key_id}: see `peyk keys list`")
        raise typer.Exit(FAILED)
    say(f"{key_id} is revoked")


def _keys() -> StoredApiKeys:
    from peyk.adapters.clock import SystemClock
    from peyk.store.api_keys import StoredApiKeys

    return StoredApiKeys(the_engine(the_settings()), SystemClock())
