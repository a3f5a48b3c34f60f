"""What channels have received and not yet answered. Implements the port `Inbox`."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Engine, select, update

from peyk.ports.inbox import Received
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import inbox

NOTHING = "{}"


class StoredInbox:
    """What was received, once a key, until it is done (the port `Inbox`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, channel: str, received: Received) -> bool:
        """Keep what came; False when its key was there before."""
        row = {
            "channel": channel,
            "key": received.key,
            "conversation_id": received.conversation_id,
            # Escapes: a null character or half a surrogate pair is text like any other.
            "body": json.dumps(dict(received.body)),
            "received_at": received.received_at,
        }
        with writing(self._engine) as connection:
            statement = insert_into(connection, inbox).values(row)
            once = statement.on_conflict_do_nothing(index_elements=["channel", "key"]).returning(inbox.c.id)
            return connection.execute(once).scalar_one_or_none() is not None

    def open(self, channel: str, *, limit: int) -> list[Received]:
        """Return what is not done, in the order it was put, `limit` at most."""
        waits = (inbox.c.channel == channel) & inbox.c.done_at.is_(None)
        query = select(inbox).where(waits).order_by(inbox.c.id).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [Received(row.key, row.conversation_id, json.loads(row.body), row.received_at) for row in rows]

    def done(self, channel: str, key: str, now: datetime) -> None:
        """Mark it done and forget what it said."""
        which = (inbox.c.channel == channel) & (inbox.c.key == key)
        with writing(self._engine) as connection:
            connection.execute(update(inbox).where(which).values(done_at=now, body=NOTHING))
