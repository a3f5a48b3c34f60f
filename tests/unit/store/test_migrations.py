"""Migrations: up to head they make the tables the code speaks of."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from peyk.domain.conversations import Owner
from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import TicketState
from peyk.ports.journal import Accepted, CustomerMessage
from peyk.ports.tickets import Wanted
from peyk.store.engine import make_engine, reading, writing
from peyk.store.journal import StoredJournal
from peyk.store.migrate import SCRIPTS, upgrade
from peyk.store.tables import VERSION_TABLE, metadata
from peyk.store.ticket_desk import StoredTickets
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

ROOT = Path(__file__).parents[3]


def test_the_newest_revision_is_the_tables(engine: Engine) -> None:
    def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
        return not (kind == "table" and str(name).startswith("demo_"))

    options = {"version_table": VERSION_TABLE, "compare_type": True, "include_object": ours}
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/peyk.db"
    engines = [make_engine(url) for _ in range(4)]
    in_parallel(lambda index: upgrade(engines[index]), 4)
    assert set(metadata.tables) <= set(inspect(engines[0]).get_table_names())
    for engine in engines:
        engine.dispose()


def test_conversations_of_before_the_journal_go_on(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/peyk.db")
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        at = "2026-11-21 08:00:00.000000"
        connection.exec_driver_sql("INSERT INTO conversations VALUES ('c1', 'en', ?, ?)", (at, at))
        connection.exec_driver_sql("INSERT INTO button_tokens VALUES ('b:1', 'c1', '/a', ?, '2126-01-01')", (at,))
    upgrade(engine)
    kept = StoredJournal(engine)
    accepted = kept.accept("c1", "rest", CustomerMessage("m1", token="b:1"), language=None, now=NOW)
    assert accepted == Accepted(seq=1, duplicate=False, owner=Owner.BOT, language="en", payload="/a")
    assert [each.entry.seq for each in kept.unanswered("rest", before=NOW + timedelta(days=1), limit=9)] == [1]
    engine.dispose()


def test_tickets_of_before_the_queues_are_worked_on(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/peyk.db")
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        columns = "dedupe_key, reason, state, conversation_id, note, priority, created_at, updated_at"
        at = "2026-11-21 08:00:00.000000"
        for key, state, priority in (("a", "open", 0), ("b", "open", 1), ("c", "resolved", 0)):
            row = (key, "late", state, "c1", "", priority, at, at)
            connection.exec_driver_sql(f"INSERT INTO tickets ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    upgrade(engine)
    found = StoredTickets(engine).find(Wanted(states=frozenset(TicketState)), limit=9)
    assert [(ticket.number, ticket.queue, ticket.priority) for ticket in found] == [
        ("PK-1002", Queue.VIP, Priority.VIP),
        ("PK-1001", Queue.L1, Priority.NORMAL),
        ("PK-1003", Queue.L1, Priority.NORMAL),
    ]
    assert found[2].resolved_at == found[2].updated_at
    engine.dispose()


def test_alembic_works_from_the_shell(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shell.db"
    for arguments in (["upgrade", "head"], ["check"], ["downgrade", "base"]):
        done = subprocess.run(
            [sys.executable, "-m", "alembic", *arguments],
            cwd=ROOT,
            env={**os.environ, "PEYK_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    engine = make_engine(url)
    assert inspect(engine).get_table_names() == [VERSION_TABLE]
    engine.dispose()
