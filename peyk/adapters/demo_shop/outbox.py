"""The text messages of the demo: they end here, none leaves the machine."""

from __future__ import annotations

from sqlalchemy import Engine, select

from peyk.adapters.demo_shop.database import connected, utc
from peyk.adapters.demo_shop.tables import outbox
from peyk.ports.edge import OutboxMessage


class DemoOutbox:
    """Reads the customers' telephone (the edge's port `DemoOutbox`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def messages(self, to: str, limit: int = 20) -> list[OutboxMessage]:
        """Return the newest messages to a normalised mobile, newest first."""
        query = select(outbox.c.to, outbox.c.text, outbox.c.code, outbox.c.at).where(outbox.c.to == to)
        with connected(self._engine, "messenger") as connection:
            rows = connection.execute(query.order_by(outbox.c.at.desc(), outbox.c.key.desc()).limit(limit)).all()
        return [OutboxMessage(row.to, row.text, row.code, utc(row.at)) for row in rows]
