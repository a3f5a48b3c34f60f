"""From Tipax's answers to what they say. Pure.

Nothing published shows the fields of BriefTracking: `fields.yml` has the likely names [K], a shop's own file the true
ones.
"""

from __future__ import annotations

from typing import Any

from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._refusals import refusal
from peyk.adapters.carriers._told import Told

_FLAGS = ("isSuccess", "success", "succeeded")


def to_told(system: str, answer: Any, fields: Fields) -> Told:
    """Return what an answer says. Raises the error its refusal is, or BadAnswer."""
    if isinstance(answer, dict) and any(answer.get(flag) is False for flag in _FLAGS):
        raise refusal(system, str(answer.get("message") or answer.get("error") or ""))
    return fields.told(answer)
