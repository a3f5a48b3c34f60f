"""Rasa's SQL tracker store with one read and one write a message; the table and what is read from it stay the same."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY

from peyk.connector.replacing import left, takes

# Where a tracker keeps which store it came from, and how many of its events are in there.
STORED = "_peyk_stored"

TABLE = SQLTrackerStore.SQLEvent.__table__
_OF_SENDER = TABLE.c.sender_id == sa.bindparam("sender")
_SESSION = (
    sa.select(sa.func.max(TABLE.c.timestamp).label("start"))
    .where(_OF_SENDER, TABLE.c.type_name == SessionStarted.type_name)
    .subquery()
)
# Built once: SQLAlchemy then compiles them once, too.
EVERYTHING = sa.select(TABLE.c.data).where(_OF_SENDER).order_by(TABLE.c.id)
LATEST_SESSION = EVERYTHING.where(sa.or_(TABLE.c.timestamp >= _SESSION.c.start, _SESSION.c.start.is_(None)))
INSERT = sa.insert(TABLE)


def read_events_plainly() -> bool:
    """Read the events as rows of text; Rasa builds its query anew each time and an object for every row."""
    stock: Any = getattr(SQLTrackerStore, "_retrieve", None)
    if not takes(stock, ["self", "sender_id", "fetch_events_from_all_sessions"]):
        return left("SQLTrackerStore._retrieve")

    async def _retrieve(self: Any, sender_id: str, fetch_events_from_all_sessions: bool) -> Any:
        statement = EVERYTHING if fetch_events_from_all_sessions else LATEST_SESSION
        with self.session_scope() as session:
            rows = session.connection().execute(statement, {"sender": sender_id}).scalars().all()
        if not rows:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, [json.loads(row) for row in rows], self.domain.slots)
        _note_stored(self, tracker)
        return tracker

    SQLTrackerStore._retrieve = _retrieve
    return True


def save_without_counting() -> bool:
    """Write the events that came after those read; Rasa counts the stored ones and writes through objects.

    A tracker that did not come from this store is counted as Rasa does.
    """
    stock: Any = getattr(SQLTrackerStore, "save", None)
    counted: Any = getattr(SQLTrackerStore, "_additional_events", None)
    if not (takes(stock, ["self", "tracker"]) and takes(counted, ["self", "session", "tracker"])):
        return left("SQLTrackerStore.save")

    async def save(self: Any, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        if tracker.events:
            with self.session_scope() as session:
                store, number = getattr(tracker, STORED, (None, 0))
                known = store is self
                new = islice(tracker.events, number, None) if known else counted(self, session, tracker)
                rows = [_row(tracker.sender_id, event) for event in new]
                if rows:
                    session.connection().execute(INSERT, rows)
                session.commit()
        # Only now: what was not written is written the next time.
        _note_stored(self, tracker)

    SQLTrackerStore.save = save
    return True


def _note_stored(store: SQLTrackerStore, tracker: DialogueStateTracker) -> None:
    # A history of bounded length forgets its first events: there a number says nothing.
    if tracker.events.maxlen is None:
        setattr(tracker, STORED, (store, len(tracker.events)))


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get(INTENT_NAME_KEY),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }
