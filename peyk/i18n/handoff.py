"""When a person comes, in words, and the object for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peyk.domain.handoff import Prepared
from peyk.i18n.catalogue import text
from peyk.i18n.dates import format_moment
from peyk.i18n.digits import count, localise_digits


def when(prepared: Prepared, now: datetime, language: str) -> str:
    """Return place and waiting time, or when somebody is back; nothing is promised that is not known."""
    if prepared.opens_at is not None:
        return text("handoff.when.closed", language, opens=format_moment(prepared.opens_at, now, language))
    values = {"place": localise_digits(str(prepared.place), language)}
    first = prepared.place == 1
    if prepared.wait_minutes is None:
        return text("handoff.when.next" if first else "handoff.when.place", language, **values)
    values["wait"] = count("minutes", prepared.wait_minutes, language)
    return text("handoff.when.next.wait" if first else "handoff.when.place.wait", language, **values)


def queued_object(prepared: Prepared) -> dict[str, Any]:
    """Return what `custom.handoff` says of a conversation that waits (docs/rest-answer.schema.json)."""
    said: dict[str, Any] = {"state": "queued", "place": prepared.place}
    if prepared.wait_minutes is not None:
        said["waitMinutes"] = prepared.wait_minutes
    if prepared.opens_at is not None:
        said["opensAt"] = prepared.opens_at.isoformat()
    return said
