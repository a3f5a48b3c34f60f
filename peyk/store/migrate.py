"""Migrations, run from code at each start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from peyk.store.engine import lock, writing

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = "migrations"


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; of several processes one does it, the others wait.

    Raises Unavailable("store") when the database is locked or away.
    """
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    with writing(engine) as connection:
        lock(connection, LOCK)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
