"""Engines, transactions, and what is different between SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from peyk.errors import SettingsError, Unavailable

BUSY_TIMEOUT_MS = 5000
CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 5
WAL_RETRY_S = 0.02
POOL_SIZE = 10
POOL_OVERFLOW = 30
TURNS = "peyk_turns"


def normalise_url(url: str) -> URL:
    """Parse a database URL; `postgresql://` and `postgres://` become `postgresql+psycopg://`.

    Raises SettingsError for anything that is neither SQLite (with a file) nor PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Where a password holds an @ or a colon, what is raised quotes a part of it.
        raise SettingsError(
            "PEYK_DATABASE_URL: not a database URL; use sqlite:///… or postgresql://…, and write a password's @ : / as "
            "%40 %3A %2F"
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        return parsed
    if parsed.drivername == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed
    raise SettingsError("PEYK_DATABASE_URL: use sqlite:///<file> or postgresql://<host>/<database>")


def make_engine(url: str) -> Engine:
    """Create the engine for a database URL. Nothing is connected yet."""
    parsed = normalise_url(url)
    pool: dict[str, Any] = {"pool_size": POOL_SIZE, "max_overflow": POOL_OVERFLOW, "pool_timeout": POOL_TIMEOUT_S}
    if parsed.drivername == "sqlite":
        return _sqlite_engine(parsed, pool)
    options = f"-c timezone=UTC -c lock_timeout={BUSY_TIMEOUT_MS} -c statement_timeout={BUSY_TIMEOUT_MS * 4}"
    arguments = {"connect_timeout": CONNECT_TIMEOUT_S, "options": options}
    return create_engine(parsed, connect_args=arguments, pool_pre_ping=True, **pool)


def _sqlite_engine(url: URL, pool: dict[str, Any]) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    turns = {TURNS: threading.Lock()}
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, execution_options=turns, **pool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions itself: it would begin them too late and not IMMEDIATE.
        connection.isolation_level = None
        _switch_to_wal(connection)
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later dies at once ("database is locked") when
        # another writer came between; taking the write lock at the start makes it wait instead.
        writing_now = connection.get_execution_options().get("peyk_writing", False)
        begin = "BEGIN IMMEDIATE" if writing_now else "BEGIN"
        try:
            # Straight to the driver: to have SQLAlchemy run it costs as much as a short question.
            connection.connection.dbapi_connection.execute(begin)  # type: ignore[union-attr]
        except sqlite3.Error as exc:
            raise DBAPIError.instance(begin, None, exc, sqlite3.Error) from exc

    return engine


def _switch_to_wal(connection: Any) -> None:
    # While several processes open a new file at once, SQLite refuses the switch at once instead of waiting.
    patient_until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() >= patient_until:
                raise
            time.sleep(WAL_RETRY_S)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection for reading. Raises Unavailable("store") when the database is locked or away."""
    with _mapped_errors(), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a write transaction, committed at the end; on SQLite it is the only writer.

    Raises Unavailable("store") when the database is locked or away.
    """
    with (
        _mapped_errors(),
        _turn(engine),
        engine.connect().execution_options(peyk_writing=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Let the writers of this process pass one at a time, on SQLite.

    SQLite lets who finds it locked sleep and look again, up to 100 ms later: under load longer than the writing takes.
    """
    turns: threading.Lock | None = engine.get_execution_options().get(TURNS)
    if turns is None:
        yield
        return
    if not turns.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
        raise Unavailable("store", "busy")
    try:
        yield
    finally:
        turns.release()


@contextmanager
def _mapped_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as exc:
        raise Unavailable("store", type(exc).__name__) from exc
    except DBAPIError as exc:
        # A plain DatabaseError is a damaged file; its subclasses are mistakes of ours.
        if exc.connection_invalidated or type(exc) is DatabaseError:
            raise Unavailable("store", type(exc).__name__) from exc
        raise


def lock(connection: Connection, name: str) -> None:
    """Let one transaction at a time past this point for `name`, in all processes.

    On PostgreSQL until the transaction ends; on SQLite `writing` has done it already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT of the connection's own dialect, which knows ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
