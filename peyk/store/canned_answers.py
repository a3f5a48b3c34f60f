"""Canned answers in the store."""

from __future__ import annotations

from sqlalchemy import Engine, delete, select

from peyk.domain.staff import CannedAnswer
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import canned_answers


class StoredCannedAnswers:
    """Keeps the shop's ready answers (the port `CannedAnswers`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[CannedAnswer]:
        """Return them by title."""
        query = select(canned_answers).order_by(canned_answers.c.title, canned_answers.c.id)
        with reading(self._engine) as connection:
            return [CannedAnswer(row.id, row.title, row.fa, row.en) for row in connection.execute(query)]

    def save(self, answer: CannedAnswer) -> None:
        """Keep a new one, or replace the one of the same id."""
        texts = {"title": answer.title, "fa": answer.fa, "en": answer.en}
        with writing(self._engine) as connection:
            adding = insert_into(connection, canned_answers).values(id=answer.id, **texts)
            connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=texts))

    def remove(self, answer_id: str) -> None:
        """Forget one."""
        with writing(self._engine) as connection:
            connection.execute(delete(canned_answers).where(canned_answers.c.id == answer_id))
