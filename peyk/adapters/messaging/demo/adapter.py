"""Text messages that do not leave the machine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from peyk.adapters.demo_shop.database import connected
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.tables import outbox
from peyk.ports.clock import Clock

SYSTEM = "messenger"

# The text of a message with a code, by language and code.
Wording = Callable[[str, str], str]


class DemoMessenger:
    """Writes the demo's outbox (the port `Messenger`)."""

    def __init__(self, engine: Engine, clock: Clock, gate: FaultGate, wording: Wording) -> None:
        self._engine = engine
        self._clock = clock
        self._gate = gate
        self._wording = wording

    def send_code(self, mobile: str, code: str, language: str, key: str) -> bool:
        """Put the message with `code` into the outbox, once per `key`; it is a text message."""
        self._gate.pass_as(SYSTEM)
        text = self._wording(language, code)
        row = {"key": key, "to": mobile, "text": text, "code": code, "at": self._clock.now()}
        # Where the key is there this message was sent already.
        with suppress(IntegrityError), connected(self._engine, SYSTEM, writing=True) as connection:
            connection.execute(insert(outbox).values(row))
        return False
