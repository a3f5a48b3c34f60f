"""A conversation over fakes; the one seam is the application of the process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.actions.fakes import Chat
from tests.unit.services.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """All fakes with the default settings."""
    made = World()
    yield made
    made.stuck.set()


@pytest.fixture
def chat(world: World, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """A Persian conversation."""
    talk = Chat(world)
    monkeypatch.setattr("actions._base.current_app", lambda: talk.app)
    return talk
