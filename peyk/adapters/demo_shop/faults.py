"""Faults the demo's systems have on purpose, so that every honest sentence can be seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum

from sqlalchemy import Engine, bindparam, delete, insert, select

from peyk.adapters.demo_shop.database import connected
from peyk.adapters.demo_shop.tables import faults
from peyk.errors import AccessRefused, BadAnswer, NotYet, RateLimited, Unavailable

CARRIERS = ("post", "tipax", "chapar", "mahex", "dhl", "courier")
SYSTEMS = ("shop", "payments", "messenger", "storefront", *CARRIERS)
SLOW_S = 60.0
# Built once: to build it costs more than to run it.
_FAULT = select(faults.c.kind).where(faults.c.system == bindparam("which"))


class FaultKind(StrEnum):
    """How a system fails: down, too slow, unreadable, asking for a pause, refusing our key, not knowing yet."""

    DOWN = "down"
    SLOW = "slow"
    GARBAGE = "garbage"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    NOT_YET = "not_yet"


_RAISED = {
    FaultKind.DOWN: Unavailable,
    FaultKind.GARBAGE: BadAnswer,
    FaultKind.RATE_LIMITED: RateLimited,
    FaultKind.REFUSED: AccessRefused,
    FaultKind.NOT_YET: NotYet,
}


class DemoFaults:
    """Switches faults on and off, for all processes (the edge's port `DemoFaults`).

    A carrier may be called by its id (`post`) or as `carrier:post`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def current(self) -> dict[str, str]:
        """Return the faults that are switched on: system id → kind."""
        with connected(self._engine, "demo_shop") as connection:
            rows = connection.execute(select(faults.c.system, faults.c.kind)).all()
        return {row.system: row.kind for row in rows}

    def switch_on(self, system: str, kind: str) -> None:
        """Make `system` fail in the way `kind` says. Raises ValueError for a system or kind that does not exist."""
        row = {"system": _system(system), "kind": FaultKind(kind).value}
        with connected(self._engine, "demo_shop", writing=True) as connection:
            connection.execute(delete(faults).where(faults.c.system == row["system"]))
            connection.execute(insert(faults).values(row))

    def switch_off(self, system: str | None = None) -> None:
        """Mend `system`, or all. Raises ValueError for a system that does not exist."""
        statement = delete(faults)
        if system is not None:
            statement = statement.where(faults.c.system == _system(system))
        with connected(self._engine, "demo_shop", writing=True) as connection:
            connection.execute(statement)


class FaultGate:
    """What every demo adapter passes before it answers.

    `wait` is how a slow system takes its time: it gets seconds and may be interrupted by `close`.
    """

    def __init__(self, engine: Engine, wait: Callable[[float], object] | None = None, slow_s: float = SLOW_S) -> None:
        """Take the database, and for tests another way to wait."""
        self._engine = engine
        self._closing = threading.Event()
        self._wait = wait or self._closing.wait
        self._slow_s = slow_s

    def pass_as(self, system: str) -> None:
        """Return when `system` works; raise the error of its fault otherwise, or be slow."""
        with connected(self._engine, system) as connection:
            kind = connection.execute(_FAULT, {"which": system}).scalar_one_or_none()
        if kind is None:
            return
        fault = FaultKind(kind)
        if fault is FaultKind.SLOW:
            self._wait(self._slow_s)
        else:
            raise _RAISED[fault](system, "switched on in the demo")

    def close(self) -> None:
        """Let go whoever waits for a slow system."""
        self._closing.set()


def _system(name: str) -> str:
    system = name.removeprefix("carrier:")
    if system not in SYSTEMS:
        raise ValueError(f"no such system: {name}")
    return system
