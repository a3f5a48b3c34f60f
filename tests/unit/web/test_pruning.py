"""The edge forgets what is over: when it starts, and then every hour."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from peyk.errors import Unavailable
from peyk.store.prune import StoreUpkeep
from peyk.web import app
from tests.fakes.serving import PATIENCE_S
from tests.unit.web.conftest import FakeClock, StartEdge

HOUR_S = 3600


class Prunings:
    """Counts the times the store was pruned; `error` makes it fail."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.times: list[datetime] = []
        self._changed = threading.Condition()

    def prune(self, now: datetime) -> int:
        with self._changed:
            self.times.append(now)
            self._changed.notify_all()
        if self.error:
            raise self.error
        return 0

    def wait_for(self, many: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self.times) >= many, PATIENCE_S)


@pytest.fixture
def prunings(monkeypatch: pytest.MonkeyPatch) -> Prunings:
    counted = Prunings()
    monkeypatch.setattr(StoreUpkeep, "prune", counted.prune)
    return counted


def test_once_at_the_start_and_not_with_every_message(
    start_edge: StartEdge, prunings: Prunings, clock: FakeClock
) -> None:
    assert app.PRUNE_EVERY_S == HOUR_S
    edge = start_edge()
    assert prunings.wait_for(1)
    for _ in range(3):
        edge.say("hello")
    assert prunings.times == [clock.now()]


@pytest.mark.parametrize("error", [None, Unavailable("store"), RuntimeError("no such table")])
def test_again_and_again_whatever_happens(
    start_edge: StartEdge, prunings: Prunings, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    monkeypatch.setattr(app, "PRUNE_EVERY_S", 0.01)
    prunings.error = error
    edge = start_edge()
    assert prunings.wait_for(3)
    assert edge.say("hello").status_code == 200
