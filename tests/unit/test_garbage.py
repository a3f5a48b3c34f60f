"""What is there at the start is not looked at by every later collection."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from peyk.garbage import settle


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_there_is_left_alone_and_what_comes_later_is_not() -> None:
    before = [object() for _ in range(10)]
    settle()
    assert not any(each is before for each in gc.get_objects())
    later: list[object] = []
    later.append(later)
    assert any(each is later for each in gc.get_objects())
    del later
    assert gc.collect() > 0
