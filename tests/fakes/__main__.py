"""Vendors' servers for `peyk demo --vendor` (docs/connect.md), in a process of their own.

    python -m tests.fakes settings woocommerce=20011 tipax=20012   # the settings for them, and what each has, as JSON
    python -m tests.fakes serve woocommerce=20011 tipax=20012      # the servers, until it is ended

The data folder and the database are those of Peyk's settings. A name that is none is one line, and exit code 2.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack

from peyk.adapters.clock import SystemClock
from peyk.adapters.messaging.demo import DemoMessenger
from peyk.bootstrap_words import code_message
from peyk.errors import SettingsError
from peyk.settings import Settings, load_settings
from peyk.store.engine import make_engine
from tests.fakes.demo.book import Book, OpenGate
from tests.fakes.demo.vendors import Parts, about, checked, served, settings_of

WRONG = 2


def main(command: str, *pairs: str) -> None:
    """Do what the command says. Raises SettingsError."""
    ports = {name: int(port) for name, _, port in (pair.partition("=") for pair in pairs)}
    checked(ports)
    settings = load_settings()
    if command == "settings":
        print(json.dumps({"settings": settings_of(ports, settings.data_dir), "about": about(ports)}))
    else:
        serve(ports, settings)


def serve(ports: Mapping[str, int], settings: Settings) -> None:
    """Serve until the process is ended. The demo shop has to be there."""
    parts = parts_of(settings)
    with ExitStack() as stack:
        for name, port in ports.items():
            vendor = served(name, ports, parts)
            vendor.at(port)
            stack.enter_context(vendor)
        threading.Event().wait()


def parts_of(settings: Settings) -> Parts:
    """Return what servers are made of."""
    engine, clock = make_engine(settings.store_url), SystemClock()
    phone = DemoMessenger(engine, clock, OpenGate(engine), code_message(settings))
    return Parts(Book(engine, clock), phone, settings.data_dir)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SettingsError as exc:
        print(exc, file=sys.stderr)
        sys.exit(WRONG)
