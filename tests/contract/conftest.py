"""Every port's fake and demo adapter, the latter over a shop seeded once a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from sqlalchemy import Engine, delete

from peyk.adapters.demo_shop.faults import DemoFaults, FaultGate
from peyk.adapters.demo_shop.seed import seed
from peyk.adapters.demo_shop.tables import outbox
from peyk.store.engine import make_engine, writing
from peyk.store.journal import StoredJournal
from tests.conftest import STORES, MakeDatabase
from tests.unit.services.fakes import FakeClock

SUBJECTS = ["fake", *STORES]
ORDERS = 600

_seeded: dict[str, Engine] = {}


@pytest.fixture(scope="session", autouse=True)
def _seeded_shops() -> Iterator[None]:
    yield
    for engine in _seeded.values():
        engine.dispose()
    _seeded.clear()


def open_shop(url: str) -> Engine:
    """Return the database with the demo shop, seeded at the fakes' NOW; nothing in the outbox, no fault."""
    if url not in _seeded:
        engine = make_engine(url)
        seed(engine, FakeClock(), ORDERS)
        _seeded[url] = engine
    engine = _seeded[url]
    DemoFaults(engine).switch_off()
    with writing(engine) as connection:
        connection.execute(delete(outbox))
    return engine


@pytest.fixture
def shop(store_url: str) -> Engine:
    """The demo shop, on each database."""
    return open_shop(store_url)


@pytest.fixture
def stuck() -> Iterator[Event]:
    """What a slow system waits for; let go at the end of the test."""
    event = Event()
    yield event
    event.set()


@pytest.fixture
def gate(shop: Engine, stuck: Event) -> FaultGate:
    """The gate of the demo shop; slow means: until `stuck` is set."""
    return FaultGate(shop, wait=stuck.wait)


@pytest.fixture(params=SUBJECTS)
def subject_shop(request: pytest.FixtureRequest, database: MakeDatabase) -> Engine | None:
    """The demo shop on each database, and None for the fake: what every port's suite runs on."""
    return None if request.param == "fake" else open_shop(database(request.param))


@pytest.fixture
def kept(engine: Engine) -> StoredJournal:
    """An empty journal, on each database."""
    return StoredJournal(engine)


@pytest.fixture
def processes(engine: Engine) -> Iterator[Callable[[int], StoredJournal]]:
    """Return the same journal as other processes have it, 0 to 7: each with connections of its own."""
    engines = [make_engine(engine.url.render_as_string(hide_password=False)) for _ in range(8)]
    yield lambda index: StoredJournal(engines[index])
    for each in engines:
        each.dispose()
