"""Log-ins in force and personal data opened, in the store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update

from peyk.domain.staff import Operator, Session
from peyk.store.engine import insert_into, reading, writing
from peyk.store.staff import operator_of
from peyk.store.tables import operator_sessions, operators, personal_openings


class StoredSessions:
    """Keeps log-ins (the port `Sessions`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, session: Session) -> None:
        """Keep a new one."""
        row = {
            "key": session.key,
            "operator_id": session.operator_id,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(operator_sessions).values(row))

    def find(self, key: str) -> tuple[Session, Operator] | None:
        """Return a session with its active operator; ends are the caller's to judge."""
        begun, seen = operator_sessions.c.created_at.label("begun_at"), operator_sessions.c.seen_at
        query = (
            select(operators, begun, seen)
            .join(operator_sessions, operator_sessions.c.operator_id == operators.c.id)
            .where(operator_sessions.c.key == key, operators.c.active)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return (Session(key, row.id, row.begun_at, row.seen_at), operator_of(row)) if row else None

    def seen(self, key: str, now: datetime) -> None:
        """Note that the person is still there."""
        with writing(self._engine) as connection:
            connection.execute(update(operator_sessions).where(operator_sessions.c.key == key).values(seen_at=now))

    def close(self, key: str) -> None:
        """End one."""
        with writing(self._engine) as connection:
            connection.execute(delete(operator_sessions).where(operator_sessions.c.key == key))

    def close_all(self, operator_id: str, *, but: str = "") -> None:
        """End every session of an operator, but for one."""
        others = (operator_sessions.c.operator_id == operator_id) & (operator_sessions.c.key != but)
        with writing(self._engine) as connection:
            connection.execute(delete(operator_sessions).where(others))


class StoredOpenings:
    """Keeps whose personal data an operator has opened (the port `Openings`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, operator_id: str, conversation_id: str, until: datetime) -> None:
        """Keep that they are open until then."""
        row = {"operator_id": operator_id, "conversation_id": conversation_id, "until": until}
        with writing(self._engine) as connection:
            adding = insert_into(connection, personal_openings).values(row)
            keys = ["operator_id", "conversation_id"]
            connection.execute(adding.on_conflict_do_update(index_elements=keys, set_={"until": until}))

    def is_open(self, operator_id: str, conversation_id: str, now: datetime) -> bool:
        """Tell whether they are."""
        here = (personal_openings.c.operator_id == operator_id, personal_openings.c.conversation_id == conversation_id)
        query = select(personal_openings.c.until).where(*here, personal_openings.c.until > now)
        with reading(self._engine) as connection:
            return connection.execute(query).one_or_none() is not None
