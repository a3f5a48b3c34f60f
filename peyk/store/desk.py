"""Whether the shop has people who could answer. Implements the port `Desk`."""

from __future__ import annotations

from sqlalchemy import Boolean as Bool
from sqlalchemy import Column, Engine, MetaData, String, Table, inspect, select

from peyk.store.engine import reading

# The console's table: without a console there are no operators, and then nothing is handed over.
operators = Table(
    "operators",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("name", String),
    Column("active", Bool),
)


class OperatorsDesk:
    """The operators of the console."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def anybody(self) -> bool:
        """Tell whether there is an active operator."""
        with reading(self._engine) as connection:
            if not inspect(connection).has_table(operators.name):
                return False
            query = select(operators.c.id).where(operators.c.active).limit(1)
            return connection.execute(query).first() is not None

    def name(self, agent_id: str) -> str:
        """Return an operator's name; empty when there is no such operator."""
        with reading(self._engine) as connection:
            if not inspect(connection).has_table(operators.name):
                return ""
            query = select(operators.c.name).where(operators.c.id == agent_id)
            return connection.execute(query).scalar_one_or_none() or ""
