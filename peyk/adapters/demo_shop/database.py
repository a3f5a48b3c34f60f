"""The demo shop's way to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from peyk.errors import Unavailable


@contextmanager
def connected(engine: Engine, system: str, *, writing: bool = False) -> Iterator[Connection]:
    """Give a connection in a transaction. Raises Unavailable(system) when the database does not answer."""
    try:
        # On SQLite the option makes the transaction take the write lock at its start.
        with engine.connect().execution_options(peyk_writing=writing) as connection, connection.begin():
            yield connection
    except (OperationalError, InterfaceError, PoolTimeoutError) as exc:
        raise Unavailable(system, type(exc).__name__) from exc


def utc(value: datetime) -> datetime:
    """Return a time out of a `demo_*` table as aware UTC; SQLite keeps it without its zone."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_or_none(value: datetime | None) -> datetime | None:
    """Return what `utc` does, or None."""
    return None if value is None else utc(value)
