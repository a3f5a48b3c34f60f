"""Keys of programs that use the REST channel; the store keeps only their hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, insert, or_, select, update
from sqlalchemy.engine import Row

from peyk.domain.api_keys import DEFAULT_SCOPES, ApiKey, Scope, as_words, owner_of
from peyk.domain.webhooks import OffReason
from peyk.errors import Unavailable
from peyk.ports.clock import Clock
from peyk.store.engine import reading, writing
from peyk.store.tables import api_keys, webhooks

PREFIX = "pk"
USED_EVERY = timedelta(minutes=1)
_NO_HASH = "0" * 64


class StoredApiKeys:
    """Creates, finds and revokes keys (the port `ApiKeys` of peyk.ports.rest)."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def create(self, name: str, scopes: Collection[Scope] = DEFAULT_SCOPES) -> str:
        """Make a key called `name` and return it in clear: the only time it can be seen."""
        key_id = secrets.token_hex(6)
        key = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
        row = {"id": key_id, "name": name, "key_hash": _hash(key), "created_at": self._clock.now()}
        row["scopes"] = as_words(scopes)
        with writing(self._engine) as connection:
            connection.execute(insert(api_keys).values(row))
        return key

    def find(self, key: str) -> ApiKey | None:
        """Return a key in force, else None; takes the same time for a wrong key of a known id."""
        if not key.isascii():
            return None
        parts = key.split("_", 2)
        key_id = parts[1] if len(parts) == 3 and parts[0] == PREFIX else ""
        query = select(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        matches = hmac.compare_digest(_hash(key), row.key_hash if row else _NO_HASH)
        if row is None or not matches:
            return None
        self._note_use(row)
        return _key(row)

    def list(self) -> list[ApiKey]:
        """Return all keys, also revoked ones, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)).all()
        return [_key(row) for row in rows]

    def set_scopes(self, key_id: str, scopes: Collection[Scope]) -> bool:
        """Say what a key is good for from now on; False when none in force has the id."""
        in_force = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
        with writing(self._engine) as connection:
            done = connection.execute(update(api_keys).where(in_force).values(scopes=as_words(scopes)))
        return done.rowcount == 1

    def revoke(self, key_id: str) -> bool:
        """Put a key out of force, and its webhooks with it; True when it was in force until now."""
        now = self._clock.now()
        in_force = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
        told = (webhooks.c.owner == owner_of(key_id)) & webhooks.c.off_at.is_(None)
        off = {"off_at": now, "off_reason": OffReason.KEY_REVOKED.value}
        with writing(self._engine) as connection:
            done = connection.execute(update(api_keys).where(in_force).values(revoked_at=now))
            connection.execute(update(webhooks).where(told).values(off))
        return done.rowcount == 1

    def _note_use(self, row: Row[Any]) -> None:
        now = self._clock.now()
        if row.last_used_at is not None and row.last_used_at > now - USED_EVERY:
            return
        long_ago = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at <= now - USED_EVERY)
        # Whether it can be noted is no reason to refuse a good key.
        with suppress(Unavailable), writing(self._engine) as connection:
            connection.execute(update(api_keys).where(api_keys.c.id == row.id, long_ago).values(last_used_at=now))


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        # A scope of a later version is none of ours.
        scopes=frozenset(scope for scope in Scope if scope.value in row.scopes.split()),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def _hash(key: str) -> str:
    # A plain hash is enough: the key has 256 random bits, there is nothing to guess.
    return hashlib.sha256(key.encode()).hexdigest()
