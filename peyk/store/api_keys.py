"""Keys of programs that use the REST channel; the store keeps only their hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from peyk.ports.clock import Clock
from peyk.store.engine import reading, writing
from peyk.store.tables import api_keys

PREFIX = "pk"
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as an operator sees it; the key itself is not kept."""

    id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None = None


class StoredApiKeys:
    """Creates, finds and revokes keys (the port `ApiKeys` of peyk.ports.edge)."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def create(self, name: str) -> str:
        """Make a key called `name` and return it in clear: the only time it can be seen."""
        key_id = secrets.token_hex(6)
        key = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
        row = {"id": key_id, "name": name, "key_hash": _hash(key), "created_at": self._clock.now()}
        with writing(self._engine) as connection:
            connection.execute(insert(api_keys).values(row))
        return key

    def owner(self, key: str) -> str | None:
        """Return the id of a key in force, else None; takes the same time for a wrong key of a known id."""
        if not key.isascii():
            return None
        parts = key.split("_", 2)
        key_id = parts[1] if len(parts) == 3 and parts[0] == PREFIX else ""
        query = select(api_keys.c.key_hash).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        with reading(self._engine) as connection:
            kept = connection.execute(query).scalar_one_or_none()
        matches = hmac.compare_digest(_hash(key), kept or _NO_HASH)
        return key_id if matches and kept is not None else None

    def list(self) -> list[ApiKey]:
        """Return all keys, also revoked ones, oldest first."""
        query = select(api_keys.c.id, api_keys.c.name, api_keys.c.created_at, api_keys.c.revoked_at)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(api_keys.c.created_at, api_keys.c.id)).all()
        return [ApiKey(*row) for row in rows]

    def revoke(self, key_id: str) -> bool:
        """Put a key out of force; True when it was in force until now."""
        in_force = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
        with writing(self._engine) as connection:
            done = connection.execute(update(api_keys).where(in_force).values(revoked_at=self._clock.now()))
        return done.rowcount == 1


def _hash(key: str) -> str:
    # A plain hash is enough: the key has 256 random bits, there is nothing to guess.
    return hashlib.sha256(key.encode()).hexdigest()
