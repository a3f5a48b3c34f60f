"""Whose sender a REST conversation is, and used idempotency keys. Implements the port `RestBook`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import idempotency_keys, rest_senders

# As long as an answer may be given again.
KEY_TTL = timedelta(days=1)


class StoredRestBook:
    """What the REST channel remembers of its callers (the port `RestBook`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note_sender(self, conversation_id: str, owner: str, sender: str, now: datetime) -> None:
        """Remember who speaks in a conversation; more often is as good as once."""
        # Escaped: a null character is part of a name like any other.
        row = {"conversation_id": conversation_id, "owner": owner, "sender": json.dumps(sender), "noted_at": now}
        with writing(self._engine) as connection:
            statement = insert_into(connection, rest_senders).values(row)
            again = {"noted_at": statement.excluded.noted_at}
            connection.execute(statement.on_conflict_do_update(index_elements=["conversation_id"], set_=again))

    def claim(self, owner: str, key_hash: str, fingerprint: str, now: datetime) -> bool:
        """Take an idempotency key of `owner` for a message; False when it was used for another one within a day."""
        row = {"owner": owner, "key_hash": key_hash, "fingerprint": fingerprint, "used_at": now}
        which = (idempotency_keys.c.owner == owner) & (idempotency_keys.c.key_hash == key_hash)
        kept = select(idempotency_keys.c.fingerprint).where(which, idempotency_keys.c.used_at > now - KEY_TTL)
        with reading(self._engine) as connection:
            known = connection.execute(kept).scalar_one_or_none()
        if known is not None:
            return bool(known == fingerprint)
        with writing(self._engine) as connection:
            statement = insert_into(connection, idempotency_keys).values(row)
            anew = statement.on_conflict_do_update(
                index_elements=["owner", "key_hash"],
                set_={"fingerprint": statement.excluded.fingerprint, "used_at": statement.excluded.used_at},
                # Of two at once the first has it.
                where=idempotency_keys.c.used_at <= now - KEY_TTL,
            )
            connection.execute(anew)
            return bool(
                connection.execute(select(idempotency_keys.c.fingerprint).where(which)).scalar_one() == fingerprint
            )
