"""The last good answers of carriers."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from peyk.domain.shipments import DeliveryStatus, ExceptionReason, Tracking, TrackingEvent
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import tracking_snapshots

_TIMES = ("as_of", "eta", "pickup_until")


class StoredSnapshots:
    """Keeps one answer a carrier and code, the newest (the port `TrackingSnapshots`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, tracking: Tracking) -> None:
        """Keep `tracking` as the last good answer for its carrier and code; a newer one that is kept stays."""
        values = {"as_of": tracking.as_of, "answer": encode(tracking)}
        with writing(self._engine) as connection:
            statement = insert_into(connection, tracking_snapshots).values(
                carrier=tracking.carrier, code=tracking.code, **values
            )
            newer = tracking_snapshots.c.as_of <= statement.excluded.as_of
            connection.execute(
                statement.on_conflict_do_update(index_elements=["carrier", "code"], set_=values, where=newer)
            )

    def last(self, carrier: str, code: str) -> Tracking | None:
        """Return the last good answer, as it was saved, or None."""
        query = select(tracking_snapshots.c.answer).filter_by(carrier=carrier, code=code)
        with reading(self._engine) as connection:
            found = connection.execute(query).scalar_one_or_none()
        return decode(found) if found is not None else None


def encode(tracking: Tracking) -> str:
    """Return a tracking answer as JSON."""
    return json.dumps(asdict(tracking), ensure_ascii=False, default=datetime.isoformat)


def decode(text: str) -> Tracking:
    """Return the tracking answer `encode` made the JSON of."""
    return _tracking(json.loads(text))


def _tracking(values: dict[str, Any]) -> Tracking:
    for name in _TIMES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["status"] = DeliveryStatus(values["status"])
    values["reason"] = ExceptionReason(values["reason"]) if values["reason"] else None
    values["events"] = tuple(_event(event) for event in values["events"])
    # Answers kept by an earlier version have no parts.
    values["parts"] = tuple(_tracking(part) for part in values.get("parts", ()))
    return Tracking(**values)


def _event(values: dict[str, Any]) -> TrackingEvent:
    at = datetime.fromisoformat(values["at"])
    return TrackingEvent(**{**values, "at": at, "status": DeliveryStatus(values["status"])})
