"""The settings."""

from __future__ import annotations

import re

import typer
from pydantic_settings import BaseSettings

from peyk.cli.common import the_settings
from peyk.domain.systems import SystemKind
from peyk.launcher.console import say

URL_PASSWORD = re.compile(r"(://[^/@\s]*:)[^/@\s]+@")
app = typer.Typer(no_args_is_help=True, help="The settings.")


@app.command("check")
def settings_check() -> None:
    """Read the settings, those of the connected systems too, and show them; secrets stay hidden."""
    from peyk.adapters.plugin import read_settings
    from peyk.adapters.registry import plugin

    settings = the_settings()
    _show("PEYK_", settings)
    for kind in SystemKind:
        for name in settings.adapters(kind):
            own = read_settings(plugin(name, kind))
            _show(str(own.model_config.get("env_prefix", "")), own)


def _show(prefix: str, settings: BaseSettings) -> None:
    for name, value in settings.model_dump().items():
        # A URL may hold a password.
        shown = URL_PASSWORD.sub(r"\1***@", "" if value is None else str(value))
        say(f"{prefix}{name.upper()}={shown}")
