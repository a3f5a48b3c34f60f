"""The codes of vendors that no table knows."""

from __future__ import annotations

import structlog
from sqlalchemy import Engine, select

from peyk.domain.systems import UnknownCode
from peyk.errors import ExternalError
from peyk.ports.clock import Clock
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import unknown_codes

log = structlog.get_logger(__name__)

# Codes are short; whatever is longer is an answer gone wrong, and words may be anything.
CODE_CHARS, WORDS_CHARS = 64, 200


class StoredUnknownCodes:
    """Counts them for all processes (the port `UnknownCodes`)."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def count(self, system: str, code: str, words: str) -> None:
        """Count one more. Never raises."""
        row = {"words": words.strip()[:WORDS_CHARS], "last_at": self._clock.now()}
        try:
            with writing(self._engine) as connection:
                statement = insert_into(connection, unknown_codes).values(
                    system=system, code=code.strip()[:CODE_CHARS], times=1, **row
                )
                more = {**row, "times": unknown_codes.c.times + 1}
                connection.execute(statement.on_conflict_do_update(index_elements=["system", "code"], set_=more))
        except ExternalError as exc:
            log.warning("unknown_code.not_counted", system=system, error=str(exc))

    def all(self, limit: int = 100) -> list[UnknownCode]:
        """Return them, the most frequent first. Raises Unavailable."""
        query = select(unknown_codes).order_by(unknown_codes.c.times.desc(), unknown_codes.c.code).limit(limit)
        with reading(self._engine) as connection:
            return [
                UnknownCode(row.system, row.code, row.words, row.times, row.last_at)
                for row in connection.execute(query)
            ]
