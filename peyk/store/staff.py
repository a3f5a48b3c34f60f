"""Operators in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, exists, select, update
from sqlalchemy.engine import Row

from peyk.domain.staff import Operator, Role
from peyk.ports.staff import Credentials
from peyk.store.engine import insert_into, lock, reading, writing
from peyk.store.tables import operators

CHANGEABLE = frozenset({"name", "role", "active", "language", "languages", "queues"})
LISTS = frozenset({"languages", "queues"})
LOCK = "operators"


class StoredStaff:
    """Keeps operators (the port `Staff`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def anybody(self) -> bool:
        """Tell whether an active operator exists."""
        with reading(self._engine) as connection:
            return bool(connection.execute(select(exists().where(operators.c.active))).scalar_one())

    def operator(self, operator_id: str) -> Operator | None:
        """Return one by id, also a disabled one."""
        return self._one(operators.c.id == operator_id)

    def by_login(self, login: str) -> Operator | None:
        """Return one by (normalised) login, also a disabled one."""
        return self._one(operators.c.login == login)

    def name(self, operator_id: str) -> str:
        """Return what customers may call an operator; empty when there is no such."""
        found = self.operator(operator_id)
        return found.name if found else ""

    def everybody(self) -> list[Operator]:
        """Return all, also disabled ones, by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(operators).order_by(operators.c.name, operators.c.id)).all()
        return [operator_of(row) for row in rows]

    def credentials(self, login: str) -> Credentials | None:
        """Return what an active operator's log-in is checked against."""
        query = select(operators).where(operators.c.login == login, operators.c.active)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return Credentials(operator_of(row), row.password_hash, row.totp_salt, row.totp_step) if row else None

    def add(self, operator: Operator, password_hash: str, now: datetime) -> bool:
        """Keep a new one; False when the login is taken."""
        row = {
            "id": operator.id,
            "login": operator.login,
            "name": operator.name,
            "role": operator.role.value,
            "active": operator.active,
            "language": operator.language,
            "languages": ",".join(operator.languages),
            "queues": ",".join(operator.queues),
            "password_hash": password_hash,
            "must_change_password": operator.must_change_password,
            "created_at": now,
        }
        with writing(self._engine) as connection:
            adding = insert_into(connection, operators).values(row).on_conflict_do_nothing(index_elements=["login"])
            return connection.execute(adding.returning(operators.c.id)).scalar_one_or_none() is not None

    def change(self, operator_id: str, **changes: Any) -> bool:
        """Change fields of `Operator` (not id and login); False when there is no such.

        Raises ValueError, and changes nothing, when no active admin would be left.
        """
        if not changes or not set(changes) <= CHANGEABLE:
            raise ValueError(f"cannot be changed: {', '.join(sorted(set(changes) - CHANGEABLE))}")
        row = {name: ",".join(value) if name in LISTS else value for name, value in changes.items()}
        with writing(self._engine) as connection:
            # Two admins who disable each other at once would leave none.
            lock(connection, LOCK)
            had_admin = _has_admin(connection)
            done = connection.execute(update(operators).where(operators.c.id == operator_id).values(row))
            if had_admin and not _has_admin(connection):
                raise ValueError("no active admin would be left")
        return done.rowcount == 1

    def set_password(self, operator_id: str, password_hash: str, *, must_change: bool) -> None:
        """Replace the password."""
        self._set(operator_id, password_hash=password_hash, must_change_password=must_change)

    def set_totp(self, operator_id: str, salt: str | None) -> None:
        """Turn the second factor on (with what it is derived from) or off."""
        self._set(operator_id, totp_salt=salt, totp_step=0)

    def use_totp(self, operator_id: str, step: int) -> bool:
        """Spend the code of a time step; False when it, or a later one, was used before. Atomic."""
        unused = (operators.c.id == operator_id) & (operators.c.totp_step < step)
        with writing(self._engine) as connection:
            return connection.execute(update(operators).where(unused).values(totp_step=step)).rowcount == 1

    def _set(self, operator_id: str, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(operators).where(operators.c.id == operator_id).values(values))

    def _one(self, which: Any) -> Operator | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(operators).where(which)).one_or_none()
        return operator_of(row) if row else None


def operator_of(row: Row[Any]) -> Operator:
    """Return the operator of a row of `operators`."""
    return Operator(
        id=row.id,
        name=row.name,
        login=row.login,
        role=Role(row.role),
        active=row.active,
        language=row.language,
        languages=_words(row.languages),
        queues=_words(row.queues),
        totp=row.totp_salt is not None,
        must_change_password=row.must_change_password,
    )


def _words(kept: str) -> tuple[str, ...]:
    return tuple(word for word in kept.split(",") if word)


def _has_admin(connection: Connection) -> bool:
    admins = exists().where(operators.c.active, operators.c.role == Role.ADMIN.value)
    return bool(connection.execute(select(admins)).scalar_one())
