"""The world the services live in, made of fakes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.services.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """All fakes with the default settings."""
    made = World()
    yield made
    made.stuck.set()
