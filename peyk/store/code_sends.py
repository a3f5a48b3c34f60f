"""Which one-time codes were sent, by whom and how they arrived; neither code nor mobile is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, select, update

from peyk.domain.code_sends import CodeSend, SendState
from peyk.ports.messenger import Handed
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import code_sends


class StoredCodeSends:
    """Keeps them for all processes (the port `CodeSends`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, key: str, now: datetime, dead_after_s: float) -> bool:
        """Take the key; False when it is taken. One atomic step."""
        fresh = {"state": SendState.SENDING.value, "sent_at": now, "system": "", "message_id": "", "cost_rial": 0}
        dead = (code_sends.c.state == SendState.SENDING.value) & (
            code_sends.c.sent_at <= now - timedelta(seconds=dead_after_s)
        )
        with writing(self._engine) as connection:
            statement = (
                insert_into(connection, code_sends)
                .values(key=key, **fresh)
                .on_conflict_do_update(index_elements=["key"], set_=fresh, where=dead)
                .returning(code_sends.c.key)
            )
            return connection.execute(statement).first() is not None

    def done(self, key: str, system: str, handed: Handed | None, cost_rial: int) -> None:
        """Note who has taken it, None where nobody knows whether it did; of several vendors each counts."""
        values = {
            "system": system,
            "message_id": handed.message_id if handed else "",
            "cost_rial": cost_rial,
            "state": (SendState.HANDED_OVER if handed else SendState.UNSURE).value,
        }
        of_key = code_sends.c.key == key
        with writing(self._engine) as connection:
            first = update(code_sends).where(of_key, code_sends.c.state == SendState.SENDING.value).values(**values)
            if connection.execute(first).rowcount:
                return
            # Another vendor has, or may have, the same code: this is a second message.
            begun = select(code_sends.c.sent_at).where(of_key)
            if (sent_at := connection.execute(begun).scalar_one_or_none()) is not None:
                row = {"key": f"{key}/{system}", "sent_at": sent_at, **values}
                connection.execute(insert_into(connection, code_sends).values(row).on_conflict_do_nothing())

    def give_up(self, key: str) -> None:
        """Let the key go."""
        with writing(self._engine) as connection:
            connection.execute(
                delete(code_sends).where(code_sends.c.key == key, code_sends.c.state == SendState.SENDING.value)
            )

    def spent(self, since: datetime) -> tuple[int, int]:
        """Return how many messages were sent since a moment, and what they cost in rial."""
        query = select(func.count(), func.coalesce(func.sum(code_sends.c.cost_rial), 0)).where(
            code_sends.c.sent_at >= since
        )
        with reading(self._engine) as connection:
            count, rial = connection.execute(query).one()
        return int(count), int(rial)

    def open(self, since: datetime) -> list[CodeSend]:
        """Return what was handed over since a moment and has not been heard of, oldest first."""
        query = (
            select(code_sends)
            .where(code_sends.c.state == SendState.HANDED_OVER.value, code_sends.c.sent_at >= since)
            .order_by(code_sends.c.sent_at)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [
            CodeSend(row.key, row.system, row.message_id, SendState(row.state), row.sent_at, row.cost_rial)
            for row in rows
        ]

    def settle(self, key: str, state: SendState) -> None:
        """Note how a message ended."""
        with writing(self._engine) as connection:
            connection.execute(update(code_sends).where(code_sends.c.key == key).values(state=state.value))
