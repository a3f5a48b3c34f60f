"""Which systems are held off at the moment, as every process notes it when it begins and when it is over."""

from __future__ import annotations

import os
import socket
from datetime import datetime

import structlog
from sqlalchemy import Engine, delete, select

from peyk.domain.systems import HeldOff
from peyk.errors import ExternalError
from peyk.ports.clock import Clock
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import system_states

log = structlog.get_logger(__name__)


class StoredSystemStates:
    """Keeps a row for each system and process (the port `SystemStates`).

    A row is in force until its own end: what a process that died has left needs no clearing away.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._process = f"{socket.gethostname()}:{os.getpid()}"

    def hold_off(self, system: str, kind: str, since: datetime, until: datetime) -> None:
        """Note that this process does not ask a system until then. Never raises."""
        row = {"kind": kind, "since": since, "until": until}
        try:
            with writing(self._engine) as connection:
                statement = insert_into(connection, system_states).values(system=system, process=self._process, **row)
                connection.execute(statement.on_conflict_do_update(index_elements=["system", "process"], set_=row))
        except ExternalError as exc:
            log.warning("system_state.not_noted", system=system, error=str(exc))

    def let_in(self, system: str) -> None:
        """Note that this process asks it again. Never raises."""
        mine = (system_states.c.system == system) & (system_states.c.process == self._process)
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(system_states).where(mine))
        except ExternalError as exc:
            log.warning("system_state.not_noted", system=system, error=str(exc))

    def held_off(self) -> list[HeldOff]:
        """Return what is in force now, by system. Raises Unavailable."""
        query = (
            select(system_states)
            .where(system_states.c.until > self._clock.now())
            .order_by(system_states.c.system, system_states.c.process)
        )
        with reading(self._engine) as connection:
            return [
                HeldOff(row.system, row.process, row.kind, row.since, row.until) for row in connection.execute(query)
            ]
