"""Migrations: up to head they make the tables the code speaks of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from peyk.store.engine import make_engine, reading
from peyk.store.migrate import upgrade
from peyk.store.tables import VERSION_TABLE, metadata
from tests.fakes.parallel import in_parallel

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


def test_alembic_works_from_the_shell(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shell.db"
    for command in (["upgrade", "head"], ["check"], ["downgrade", "base"]):
        done = subprocess.run(
            [sys.executable, "-m", "alembic", *command],
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
