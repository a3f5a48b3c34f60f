"""The audit."""

from __future__ import annotations

import typer

from peyk.cli.common import FAILED, the_engine, the_settings
from peyk.launcher.console import complain, say

app = typer.Typer(no_args_is_help=True, help="The audit of what was shown to whom.")


@app.command("verify")
def audit_verify() -> None:
    """Check the chain of the audit; print its first broken link."""
    from peyk.store.audit import verify

    settings = the_settings()
    broken = verify(the_engine(settings), settings.secret_key.get_secret_value())
    if broken is not None:
        complain(f"the audit is broken at row {broken.seq}: {broken.reason}")
        raise typer.Exit(FAILED)
    say("the audit is whole")
