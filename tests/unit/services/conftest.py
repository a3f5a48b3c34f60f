"""The world the services live in, made of fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from tests.unit.services.fakes import FakeClock
from tests.unit.services.handoff_shop import Shop
from tests.unit.services.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """All fakes with the default settings."""
    made = World()
    yield made
    made.stuck.set()


@pytest.fixture
def shop(engine_of: Callable[[str], Engine], clock: FakeClock) -> Shop:
    return Shop(engine_of("sqlite"), clock)


@pytest.fixture
def strict(engine_of: Callable[[str], Engine], clock: FakeClock) -> Shop:
    """A shop that looks after VIPs and Kish in person, and has a stop word."""
    own = {"handoff_vip": True, "handoff_cities": "کیش", "handoff_stop_words": "تعزیرات"}
    return Shop(engine_of("sqlite"), clock, own)
