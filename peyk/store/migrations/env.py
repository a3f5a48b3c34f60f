"""What alembic runs: the migrations on a connection it was given, or on the database of the settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from peyk.settings import load_settings
from peyk.store.engine import lock, make_engine, writing
from peyk.store.migrate import LOCK
from peyk.store.tables import VERSION_TABLE, metadata


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    # The database may also hold the demo shop's tables and those of Rasa's tracker store.
    return kind != "table" or name in metadata.tables


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        include_object=_ours,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = make_engine(load_settings().store_url)
    with writing(engine) as own:
        lock(own, LOCK)
        _run(own)
    engine.dispose()
