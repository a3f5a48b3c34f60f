"""The order in which files go to the processes that share them."""

from __future__ import annotations

import pytest

# The model is trained for it, and asked many thousand times: the others are done meanwhile.
LONGEST = "test_understanding.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; the end of a run then waits for nobody."""
    items.sort(key=lambda item: item.path.name != LONGEST)
