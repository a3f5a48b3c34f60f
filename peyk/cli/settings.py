"""The settings."""

from __future__ import annotations

import re

import typer

from peyk.cli.common import the_settings
from peyk.launcher.console import say

URL_PASSWORD = re.compile(r"(://[^/@\s]*:)[^/@\s]+@")
app = typer.Typer(no_args_is_help=True, help="The settings.")


@app.command("check")
def settings_check() -> None:
    """Read the settings and show them; secrets stay hidden."""
    for name, value in the_settings().model_dump().items():
        # A URL may hold a password.
        shown = URL_PASSWORD.sub(r"\1***@", str(value))
        say(f"PEYK_{name.upper()}={shown}")
