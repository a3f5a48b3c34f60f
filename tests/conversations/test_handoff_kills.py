"""Any process, or the database, dies at any point of a conversation with a hand-off: nothing is lost, nothing doubled.

Many conversations stand at different points of the same script when it happens: some send while it is dead, some are
being answered when it dies. Clients send again with the same id until it is accepted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from peyk.domain.handoff import HandoffReason
from peyk.services import HandOff
from peyk.store.engine import writing
from tests.conversations.checks import at_once, heard, new_sender, store_of
from tests.conversations.handoff_script import CHANNELS, SAID, STEPS, Talk
from tests.conversations.people import add_operator, people
from tests.stack import POSTGRESQL_URL, Stack, postgresql_database

pytestmark = pytest.mark.slow

ENV = {"PEYK_RASA_TIMEOUT_S": "10", "PEYK_BREAKER_FAILURES": "100000"}
WORKERS = 6


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def peyk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole Peyk at a shop with one operator."""
    with ExitStack() as exits:
        url = ""
        if request.param == "postgresql":
            try:
                url = exits.enter_context(postgresql_database())
            except psycopg.OperationalError as exc:
                if os.environ.get("CI"):
                    pytest.fail(f"no PostgreSQL at PEYK_TEST_POSTGRESQL_URL: {exc}")
                pytest.skip(f"no PostgreSQL at PEYK_TEST_POSTGRESQL_URL: {exc}")
        folder = tmp_path_factory.mktemp(request.param)
        stack = exits.enter_context(Stack(folder, database_url=url, env=ENV, orders=20))
        add_operator(stack)
        yield stack


@pytest.fixture
def operator(peyk: Stack) -> Iterator[HandOff]:
    with people(peyk) as service:
        yield service


def talks(stack: Stack, service: HandOff, steps: tuple[str, ...], first: int = 0) -> list[Talk]:
    """Begin a conversation for each step, on each channel in turn, and lead it to its step."""
    found = [Talk(stack, service, CHANNELS[(first + place) % len(CHANNELS)](stack)) for place in range(len(steps))]
    at_once(lambda pair: pair[0].go_to(pair[1]), list(zip(found, steps, strict=True)), WORKERS)
    return found


@contextmanager
def being_answered(under_way: list[Talk]) -> Iterator[list[Future[bool]]]:
    """Let each send its message; within, all of them are kept, and answers are on their way."""
    with ThreadPoolExecutor(len(under_way)) as pool:
        sending = [pool.submit(talk.attempt) for talk in under_way]
        for talk, sent in zip(under_way, sending, strict=True):
            while not sent.done() and not talk.kept():
                pass
        yield sending


def end_well(every: list[Talk], service: HandOff) -> None:
    """Bring all conversations to their end and look at them."""
    at_once(Talk.go_on, every, WORKERS)
    # What a crash left between a change of hands and its record is mended by the timers.
    service.tick(datetime.now(UTC))
    for talk in every:
        talk.check()


@pytest.mark.parametrize("name", ["edge", "actions", "rasa"])
def test_a_process_dies(peyk: Stack, operator: HandOff, name: str) -> None:
    shift = ("edge", "actions", "rasa").index(name)
    under_way = talks(peyk, operator, tuple(SAID), first=shift)
    before = talks(peyk, operator, STEPS, first=shift)
    with being_answered(under_way):
        peyk.kill(name)
    at_once(Talk.attempt, before, len(before))
    peyk.restart(name)
    end_well([*under_way, *before], operator)


# --- The database


def end_connections(stack: Stack) -> None:
    """End every connection to the stack's database, as a database that is started again does."""
    with store_of(stack) as engine:
        name = engine.url.database
    with psycopg.connect(POSTGRESQL_URL, autocommit=True) as connection:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        connection.execute(query, [name])


def is_sqlite(stack: Stack) -> bool:
    with store_of(stack) as engine:
        return engine.dialect.name == "sqlite"


@contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """Hold what every write needs: each visit gives up after its five seconds."""
    with store_of(stack) as engine, writing(engine):
        yield


def test_the_database_is_away(peyk: Stack, operator: HandOff) -> None:
    under_way = talks(peyk, operator, tuple(SAID))
    before = talks(peyk, operator, STEPS, first=1)
    if is_sqlite(peyk):
        with being_answered(under_way) as sending, locked(peyk):
            at_once(Talk.attempt, before, len(before))
            for sent in sending:
                sent.result()
    else:
        with being_answered(under_way):
            end_connections(peyk)
        end_connections(peyk)
        at_once(Talk.attempt, before, len(before))
    end_well([*under_way, *before], operator)


def test_a_database_that_was_started_again_hands_nobody_over(peyk: Stack, operator: HandOff) -> None:
    """Every connection kept open is dead: the next message finds new ones, also in Rasa, and what was talked about."""
    if is_sqlite(peyk):
        pytest.skip("a file has no connections")
    sender = new_sender()
    peyk.say(SAID["order"], sender)
    end_connections(peyk)
    assert "TS-104233" in peyk.say("where is it?", sender).text
    assert heard(peyk, sender) == [SAID["order"], "where is it?"]
    every = talks(peyk, operator, ("order", "person", "again"))
    end_connections(peyk)
    first = every[0]
    first.go_to("person")
    assert operator.packet(first.customer.here) is None
    end_connections(peyk)
    assert every[2].attempt()
    end_well(every, operator)
    for talk in every:
        found = operator.packet(talk.customer.here)
        assert found is not None
        assert found.reason is HandoffReason.ASKED


def test_a_database_that_goes_away_again_and_again(peyk: Stack, operator: HandOff) -> None:
    """Whoever gets a step further ends every connection, also those the others are at work with."""
    if is_sqlite(peyk):
        pytest.skip("a file has no connections")
    every = talks(peyk, operator, ("order",) * WORKERS)

    def go_on(talk: Talk) -> None:
        while len(talk.done) < len(STEPS):
            talk.insist()
            end_connections(peyk)

    at_once(go_on, every, WORKERS)
    end_well(every, operator)
