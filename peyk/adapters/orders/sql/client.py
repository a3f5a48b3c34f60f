"""A shop's own database, read and never written: transactions are read-only where the database knows such.

What a driver raises quotes the statement and who it was asked for, so no exception of it leaves this module.
"""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.pq import TransactionStatus
from pydantic import SecretStr
from sqlalchemy import Engine, Select, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from peyk.errors import AccessRefused, BadAnswer, ExternalError, SettingsError, Unavailable

SYSTEM = "sql"
CONNECT_TIMEOUT_S = 3
# The database stops a slow statement itself; who does not even do that is left alone a moment later.
GRACE_S = 1.0
# A connection whose other end has gone without a word is found out in idle times, too.
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}
POOL: dict[str, Any] = {"pool_size": 4, "max_overflow": 8, "pool_timeout": 3, "poolclass": QueuePool}
# PostgreSQL: not allowed to read, and the two kinds of refused log-in.
NOT_ALLOWED = frozenset({"42501", "28000", "28P01"})
# A value the column cannot hold (letters in a column of numbers) is in none of its rows.
NOT_THAT_KIND = frozenset({"22P02", "22003", "22007", "22008", ""})
_REFUSED = ("password authentication failed", "access denied", "no password supplied")
_MISTAKES = ("no such", "near ", "ambiguous")


class Database:
    """Reads by statements of SQLAlchemy. Everything raises Unavailable, AccessRefused or BadAnswer."""

    def __init__(self, url: SecretStr, zone: str, deadline_s: float) -> None:
        """Prepare the engine; nothing is connected. Raises SettingsError."""
        self._engine = _engine(url.get_secret_value(), zone, deadline_s)

    def __repr__(self) -> str:
        return f"Database({self._engine.dialect.name!r})"

    @property
    def address(self) -> str:
        """Which database it is: its URL without who asks, and how."""
        url = self._engine.url
        return f"{url.get_backend_name()} {url.host} {url.port} {url.database}"

    def rows(self, statement: Select[Any], *, asked: bool = False) -> list[dict[str, Any]]:
        """Return the rows; `asked`: with values of a customer's, which need not suit the columns."""
        failure: ExternalError
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(statement).mappings()]
        except DataError as exc:
            if asked and _sqlstate(exc) in NOT_THAT_KIND:
                return []
            failure = BadAnswer(SYSTEM, f"a value the columns cannot be compared with ({type(exc.orig).__name__})")
        except (DBAPIError, PoolTimeoutError) as exc:
            failure = _named(exc)
        except (SQLAlchemyError, ValueError, OverflowError) as exc:
            failure = BadAnswer(SYSTEM, type(exc).__name__)
        raise failure

    def indexed(self, table: str) -> set[str] | None:
        """Return the columns of a table an index begins with; None where that cannot be seen."""
        schema, _, plain = table.rpartition(".")
        try:
            seen = inspect(self._engine)
            # What SQLite makes for UNIQUE it does not count among a table's indexes unless it is told to.
            indexes = seen.get_indexes(plain, schema or None, include_auto_indexes=True)
            first = {each["column_names"][0] for each in indexes}
            keys = seen.get_pk_constraint(plain, schema or None)["constrained_columns"]
        except SQLAlchemyError:
            return None
        return {str(name) for name in (*first, *keys[:1]) if name}

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


class _Patient(psycopg.Connection[Any]):
    """A connection that waits so long for an answer and no longer: a server that hangs does not stop its statements."""

    patience_s: float | None = None

    def wait(self, *given: Any, **named: Any) -> Any:
        """Wait for what the server says. Raises OperationalError when it takes too long, and is over then."""
        try:
            return super().wait(*given, **{"timeout": self.patience_s, **named})
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # What is still to come would be taken for the answer to the next question.
                self.pgconn.finish()
            raise


def _engine(url: str, zone: str, deadline_s: float) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Where a password holds an @ or a colon, what is raised quotes a part of it.
        raise SettingsError(
            "PEYK_SQL_URL: not a database URL, like postgresql://reader:…@host/shop; write a password's @ : / as "
            "%40 %3A %2F"
        ) from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, deadline_s)
    try:
        made = create_engine(
            parsed, connect_args=_arguments(parsed, zone, deadline_s), hide_parameters=True, pool_pre_ping=True, **POOL
        )
    except (NoSuchModuleError, ImportError):
        raise SettingsError(
            f"PEYK_SQL_URL: there is no driver for `{parsed.drivername}` here; install its package beside Peyk"
        ) from None
    if parsed.get_backend_name() in {"mysql", "mariadb"}:
        event.listen(made, "connect", _read_only_mysql)
    if parsed.drivername == "postgresql+psycopg":
        _be_patient(made, deadline_s + GRACE_S)
    return made


def _be_patient(engine: Engine, patience_s: float) -> None:
    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, given: list[Any], named: dict[str, Any]) -> _Patient:
        connection = _Patient.connect(*given, **named)
        connection.patience_s = patience_s
        return connection


def _arguments(url: URL, zone: str, deadline_s: float) -> dict[str, Any]:
    whole_s = math.ceil(deadline_s + GRACE_S)
    if url.get_backend_name() in {"mysql", "mariadb"}:
        if url.get_driver_name() not in {"pymysql", "mysqldb"}:
            return {}
        return {"connect_timeout": CONNECT_TIMEOUT_S, "read_timeout": whole_s, "write_timeout": whole_s}
    if url.get_backend_name() != "postgresql":
        return {}
    # Times without a zone are compared with times in the session's.
    read_only = "-c default_transaction_read_only=on"
    options = f"{read_only} -c timezone={zone} -c statement_timeout={int(deadline_s * 1000)}"
    return {"connect_timeout": CONNECT_TIMEOUT_S, "tcp_user_timeout": whole_s * 1000, **KEEPALIVE, "options": options}


def _sqlite(url: URL, deadline_s: float) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingsError("PEYK_SQL_URL: must name a file, like sqlite:////var/shop.db")
    file = f"file:{quote(str(Path(url.database).absolute()))}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(file, uri=True, timeout=deadline_s, check_same_thread=False)

    return create_engine("sqlite://", creator=connect, hide_parameters=True, **POOL)


def _read_only_mysql(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.close()


def _named(exc: SQLAlchemyError) -> ExternalError:
    """Return our error; of a mistake in the mapping what the database says of it, which names columns alone."""
    orig = getattr(exc, "orig", None)
    said = (str(orig).splitlines() or [""])[0][:200]
    state = _sqlstate(exc)
    if state in NOT_ALLOWED or any(words in said.lower() for words in _REFUSED):
        return AccessRefused(SYSTEM, f"the database does not let this user read ({state or type(orig).__name__})")
    if state.startswith("42") or said.startswith(_MISTAKES):
        return BadAnswer(SYSTEM, f"the mapping does not fit the database: {said}")
    return Unavailable(SYSTEM, type(orig).__name__ if orig is not None else type(exc).__name__)


def _sqlstate(exc: SQLAlchemyError) -> str:
    return str(getattr(getattr(exc, "orig", None), "sqlstate", None) or "")
