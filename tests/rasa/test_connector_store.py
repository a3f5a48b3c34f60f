"""The tracker store with one read and one write a message: the same rows, none lost, none twice."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from peyk.connector import faster_store
from tests.rasa.connector_helpers import EVENTS, put_back, rows_of

MAPPED = {"mappings": [{"type": "custom"}]}
DOMAIN = {"version": "3.1", "slots": {"stage": {"type": "text", **MAPPED}, "misses": {"type": "float", **MAPPED}}}


@pytest.fixture(autouse=True)
def stock_rasa(monkeypatch: pytest.MonkeyPatch) -> None:
    put_back(monkeypatch)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rasa.db'}"
        return
    server = os.environ.get("PEYK_TEST_POSTGRESQL_URL", "postgresql://root@127.0.0.1:5432/postgres")
    plain = sa.engine.make_url(server).set(drivername="postgresql")
    name = f"peyk_rasa_{secrets.token_hex(4)}"
    engine = sa.create_engine(plain, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    except sa.exc.OperationalError as exc:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL at PEYK_TEST_POSTGRESQL_URL: {exc}")
    yield plain.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    engine.dispose()


@pytest.fixture
def store_of(url: str) -> Iterator[Callable[[], SQLTrackerStore]]:
    """Return how to open the same database anew, as another worker does."""
    stores: list[SQLTrackerStore] = []

    def open_store() -> SQLTrackerStore:
        stores.append(SQLTrackerStore(Domain.from_dict(DOMAIN), host=url))
        return stores[-1]

    yield open_store
    for store in stores:
        store.engine.dispose()


def test_rows_are_those_rasa_writes_and_reads(store_of: Callable[[], SQLTrackerStore]) -> None:
    stock, faster = store_of(), store_of()
    events = [*copy.deepcopy(EVENTS), *copy.deepcopy(EVENTS)]
    for number, event in enumerate(events):
        event.timestamp = 1000.0 + number
    _turns(stock, "as-it-comes", events)
    read = _run(stock.retrieve("as-it-comes"))
    full = _run(stock.retrieve_full_tracker("as-it-comes"))

    _replace()
    _turns(faster, "faster", events)
    assert rows_of(faster, "faster") == rows_of(faster, "as-it-comes")
    for sender in ("faster", "as-it-comes"):
        assert list(_run(faster.retrieve(sender)).events) == list(read.events)
        assert list(_run(faster.retrieve_full_tracker(sender)).events) == list(full.events)
        assert _run(faster.retrieve(sender)).current_state() == {**read.current_state(), "sender_id": sender}
    assert len(read.events) == len(EVENTS) - 1
    assert _run(faster.retrieve("nobody")) is None


def _turns(store: SQLTrackerStore, sender: str, events: list[Event]) -> None:
    """Save after every third event, each time with the tracker read anew."""
    for start in range(0, len(events), 3):
        tracker = _run(store.get_or_create_tracker(sender, append_action_listen=False))
        for event in events[start : start + 3]:
            tracker.update(event)
        _run(store.save(tracker))


def test_a_tracker_saved_again_writes_only_what_is_new(store_of: Callable[[], SQLTrackerStore]) -> None:
    _replace()
    store = store_of()
    tracker = _run(store.get_or_create_tracker("c-1", append_action_listen=False))
    for event in copy.deepcopy(EVENTS):
        tracker.update(event)
        _run(store.save(tracker))
        _run(store.save(tracker))
    assert [row["type_name"] for row in rows_of(store, "c-1")] == [event.type_name for event in EVENTS]


def test_what_two_workers_write_in_turn_is_all_there(store_of: Callable[[], SQLTrackerStore]) -> None:
    _replace()
    workers = [store_of(), store_of()]
    for number in range(6):
        worker = workers[number % 2]
        tracker = _run(worker.get_or_create_tracker("c-1", append_action_listen=False))
        assert len(tracker.events) == number
        tracker.update(SlotSet("misses", float(number)))
        _run(worker.save(tracker))
    values = [json.loads(row["data"])["value"] for row in rows_of(workers[0], "c-1")]
    assert values == [float(number) for number in range(6)]


def test_a_tracker_from_elsewhere_is_counted(store_of: Callable[[], SQLTrackerStore]) -> None:
    _replace()
    store, other = store_of(), store_of()
    _run(store.save(DialogueStateTracker.from_events("c-1", copy.deepcopy(EVENTS[2:4]))))
    whole = DialogueStateTracker.from_events("c-1", copy.deepcopy(EVENTS[2:]))
    _run(store.save(whole))
    copied = whole.copy()
    _run(store.save(copied))
    read = _run(other.retrieve("c-1"))
    _run(store.save(read))
    assert [row["type_name"] for row in rows_of(store, "c-1")] == [event.type_name for event in EVENTS[2:]]


def test_a_bounded_history_is_counted(store_of: Callable[[], SQLTrackerStore]) -> None:
    _replace()
    tracker = DialogueStateTracker("c-1", [], max_event_history=2)
    tracker.update(SlotSet("misses", 1.0))
    store = store_of()
    _run(store.save(tracker))
    assert not hasattr(tracker, faster_store.STORED)


def test_what_could_not_be_written_is_written_later_once(store_of: Callable[[], SQLTrackerStore]) -> None:
    _replace()
    store, failures = store_of(), list[Exception]()
    safe = FailSafeTrackerStore(store, on_tracker_store_error=failures.append)
    tracker = _run(safe.get_or_create_tracker("c-1", append_action_listen=False))
    tracker.update(SlotSet("misses", 1.0))
    _run(safe.save(tracker))
    broken = _run(safe.get_or_create_tracker("c-1", append_action_listen=False))
    broken.update(SlotSet("misses", 2.0))
    sessions, store.sessionmaker = store.sessionmaker, _no_database
    _run(safe.save(broken))
    assert len(failures) == 1
    # Rasa's own store of last resort has it.
    assert len(_run(safe.fallback_tracker_store.retrieve("c-1")).events) == 2
    assert _run(safe.retrieve("c-1")) is None
    store.sessionmaker = sessions
    _run(safe.save(broken))
    assert [json.loads(row["data"])["value"] for row in rows_of(store, "c-1")] == [1.0, 2.0]


def test_a_conversation_found_again_after_a_failure_loses_nothing(store_of: Callable[[], SQLTrackerStore]) -> None:
    _replace()
    store = store_of()
    safe = FailSafeTrackerStore(store, on_tracker_store_error=lambda _: None)
    _turns(store, "c-1", copy.deepcopy(EVENTS))
    sessions, store.sessionmaker = store.sessionmaker, _no_database
    blind = _run(safe.get_or_create_tracker("c-1", append_action_listen=False))
    store.sessionmaker = sessions
    for event in copy.deepcopy(EVENTS[:4]):
        blind.update(event)
    _run(safe.save(blind))
    types = [event.type_name for event in EVENTS]
    assert [row["type_name"] for row in rows_of(store, "c-1")] == types + types[:4]


def _replace() -> None:
    assert faster_store.read_events_plainly()
    assert faster_store.save_without_counting()


def _no_database() -> Any:
    raise ConnectionError


def _run(awaitable: Awaitable[Any]) -> Any:
    async def run() -> Any:
        return await awaitable

    return asyncio.run(run())
