"""Clock: aware UTC, and never backwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from peyk.adapters.clock import SystemClock
from peyk.ports import Clock
from tests.unit.services.fakes import FakeClock


@pytest.mark.parametrize("make", [SystemClock, FakeClock])
def test_the_time_is_aware_utc_and_goes_on(make: type[Clock]) -> None:
    clock = make()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_the_machines_clock_tells_the_machines_time() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)
