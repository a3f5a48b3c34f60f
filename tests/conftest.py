"""Databases and time for every test: the store on SQLite and on PostgreSQL, and a clock that stands still.

PostgreSQL is the server of PEYK_TEST_POSTGRESQL_URL, Redis that of PEYK_TEST_REDIS_URL, else the local ones. Where
there is none its tests are skipped; with CI set they fail.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from typing import NoReturn

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text

from peyk.store.engine import make_engine, normalise_url, writing
from peyk.store.migrate import upgrade
from peyk.store.tables import metadata
from tests.unit.services.fakes import FakeClock

POSTGRESQL_URL = "postgresql://root@127.0.0.1:5432/postgres"
REDIS_URL = "redis://127.0.0.1:6379/9"
STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]

MakeDatabase = Callable[[str], str]


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeDatabase]:
    """Return how to get a migrated database by kind; each is made once a session and dropped after it."""
    urls: dict[str, str] = {}
    name = f"peyk_test_{os.getpid()}_{secrets.token_hex(4)}"

    def make(kind: str) -> str:
        if kind not in urls:
            url = _postgresql(name) if kind == "postgresql" else f"sqlite:///{tmp_path_factory.mktemp('store')}/peyk.db"
            urls[kind] = url
            engine = make_engine(url)
            upgrade(engine)
            engine.dispose()
        return urls[kind]

    yield make
    if "postgresql" in urls:
        with _server() as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _postgresql(name: str) -> str:
    try:
        with _server() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
    except psycopg.OperationalError as exc:
        _missing(f"no PostgreSQL at PEYK_TEST_POSTGRESQL_URL: {exc}")
    return normalise_url(_server_url()).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The address of a Redis others use too: keys are for a test to make up."""
    url = os.environ.get("PEYK_TEST_REDIS_URL", REDIS_URL)
    try:
        with Redis.from_url(url, socket_connect_timeout=3) as connection:
            connection.ping()
    except RedisError as exc:
        _missing(f"no Redis at PEYK_TEST_REDIS_URL: {exc}")
    return url


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _server_url() -> str:
    return os.environ.get("PEYK_TEST_POSTGRESQL_URL", POSTGRESQL_URL)


def _server() -> psycopg.Connection[tuple[object, ...]]:
    plain = normalise_url(_server_url()).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=3)


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, database: MakeDatabase) -> str:
    """The URL of a migrated database that other tests use too, once for each kind."""
    return database(request.param)


@pytest.fixture
def engine_of(database: MakeDatabase) -> Iterator[Callable[[str], Engine]]:
    """Return how to get a migrated, empty store by kind (the demo shop's tables are not the store's)."""
    engines: list[Engine] = []

    def make(kind: str) -> Engine:
        engine = make_engine(database(kind))
        engines.append(engine)
        empty(engine)
        return engine

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture(params=STORES)
def engine(request: pytest.FixtureRequest, engine_of: Callable[[str], Engine]) -> Engine:
    """A migrated, empty store, once for each kind of database."""
    return engine_of(request.param)


def empty(engine: Engine) -> None:
    """Remove every row of the store."""
    # Deleting few rows is much faster than TRUNCATE, which makes new files for every table.
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER SEQUENCE tickets_id_seq RESTART"))


@pytest.fixture
def clock() -> FakeClock:
    """Time that moves only when told."""
    return FakeClock()
