"""What carriers said last is kept when it is new or has grown old, and not written again for nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from peyk.domain.orders import ShipmentRef
from peyk.domain.shipments import DeliveryStatus, Tracking
from peyk.errors import Unavailable
from peyk.services.last_good import KEPT_AGAIN, LastGood
from tests.unit.services.fakes import NOW, FakeSnapshots, tracking

REF = ShipmentRef("post", "TRK-88392011", NOW)


class Counting(FakeSnapshots):
    """Counts what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[Tracking] = []

    def save(self, tracking: Tracking) -> None:
        super().save(tracking)
        self.saved.append(tracking)


def later(seconds: float, first: Tracking | None = None) -> Tracking:
    return replace(first or tracking(), as_of=NOW + timedelta(seconds=seconds))


def test_the_same_answer_is_not_written_again() -> None:
    snapshots = Counting()
    kept = LastGood(snapshots)
    for seconds in (0, 1, KEPT_AGAIN.total_seconds() - 1):
        kept.keep(later(seconds))
    assert snapshots.saved == [later(0)]
    assert kept.of(REF) == replace(tracking(), stale=True), "as old as it says"


def test_the_same_answer_is_written_again_when_what_is_kept_has_grown_old() -> None:
    snapshots = Counting()
    kept = LastGood(snapshots)
    for seconds in (0, 60, 61, 120):
        kept.keep(later(seconds))
    assert snapshots.saved == [later(0), later(60), later(120)]


def test_another_answer_is_written_at_once() -> None:
    snapshots = Counting()
    kept = LastGood(snapshots)
    moved = later(1, tracking(DeliveryStatus.DELIVERED))
    other_code = replace(tracking(), code="TRK-00000001")
    for answer in (tracking(), moved, other_code, later(2)):
        kept.keep(answer)
    assert snapshots.saved == [tracking(), moved, other_code, later(2)]


def test_what_could_not_be_written_is_tried_again() -> None:
    snapshots = Counting()
    snapshots.error = Unavailable("store")
    kept = LastGood(snapshots)
    kept.keep(tracking())
    snapshots.error = None
    kept.keep(later(1))
    assert snapshots.saved == [later(1)]


def test_what_another_process_has_kept_is_not_written_again() -> None:
    snapshots = Counting()
    LastGood(snapshots).keep(tracking())
    LastGood(snapshots).keep(later(1))
    assert snapshots.saved == [tracking()]


def test_what_was_forgotten_is_written_again() -> None:
    snapshots = Counting()
    kept = LastGood(snapshots)
    kept.keep(tracking())
    snapshots.kept.clear()
    kept.keep(later(1))
    assert snapshots.saved == [tracking(), later(1)]
