"""The last good answers of carriers: kept for the time when a carrier does not answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from peyk.domain.orders import ShipmentRef
from peyk.domain.shipments import Tracking
from peyk.errors import ExternalError
from peyk.ports.records import TrackingSnapshots

log = structlog.get_logger(__name__)

# How much older than the carrier's last word what is kept of it may be: an answer says of when it is.
KEPT_AGAIN = timedelta(minutes=1)


class LastGood:
    """Keeps good answers and finds them again; a store that fails is no obstacle to an answer.

    The same answer is not written again before `KEPT_AGAIN`: a look costs less than a place among the writers.
    """

    def __init__(self, snapshots: TrackingSnapshots) -> None:
        self._snapshots = snapshots

    def keep(self, tracking: Tracking) -> None:
        """Keep an answer, unless what is kept says the same and is hardly older."""
        # A store that cannot keep the answer is no reason to withhold it.
        try:
            if not _says_the_same(self._snapshots.last(tracking.carrier, tracking.code), tracking):
                self._snapshots.save(tracking)
        except ExternalError as exc:
            log.warning("snapshots.failed", kind=exc.kind)

    def of(self, ref: ShipmentRef) -> Tracking | None:
        """Return the last good answer for a parcel, marked stale; None when none is known."""
        try:
            last = self._snapshots.last(ref.carrier, ref.tracking_code)
        except ExternalError as exc:
            log.warning("snapshots.failed", kind=exc.kind)
            return None
        return replace(last, stale=True) if last else None


def _says_the_same(kept: Tracking | None, now: Tracking) -> bool:
    if kept is None or now.as_of - kept.as_of >= KEPT_AGAIN:
        return False
    return replace(now, as_of=kept.as_of) == kept
