"""Ratings of delivered orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from peyk.store.engine import insert_into, lock, writing
from peyk.store.tables import ratings


class StoredRatings:
    """Keeps one rating an order and conversation (the port `Ratings`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, order_number: str, rating: int, conversation_id: str, verified: bool, at: datetime) -> bool:
        """Keep a rating of 1 to 5; a later one of the same conversation replaces it. True when it is the first.

        Raises ValueError for any other number.
        """
        if not 1 <= rating <= 5:
            raise ValueError("a rating is 1 to 5")
        key = {"order_number": order_number, "conversation_id": conversation_id}
        values = {"rating": rating, "verified": verified, "at": at}
        with writing(self._engine) as connection:
            lock(connection, f"rating:{order_number}:{conversation_id}")
            known = connection.execute(select(ratings.c.rating).filter_by(**key)).first()
            statement = insert_into(connection, ratings).values(**key, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
        return known is None
