"""Rasa's private channel to the edge; with `peyk.nlu` the only code that imports Rasa.

`PeykInput` is loaded on first use, so that `python -m peyk.connector` can import skops before Rasa.
"""

from __future__ import annotations

from typing import Any

__all__ = ["PeykInput"]


def __getattr__(name: str) -> Any:
    if name == "PeykInput":
        from peyk.connector.channel import PeykInput

        return PeykInput
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
