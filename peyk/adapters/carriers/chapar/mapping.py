"""From Chapar's answers to what they say. Pure.

`{result, message, objects}` [C]; a refusal is `result: false` with HTTP 200. What is in `objects` is not published:
`fields.yml` has the likely names [K], a shop's own file the true ones.
"""

from __future__ import annotations

from typing import Any

from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._refusals import refusal
from peyk.adapters.carriers._told import Told
from peyk.errors import BadAnswer


def to_told(system: str, answer: Any, fields: Fields) -> Told:
    """Return what an answer says. Raises the error its refusal is, or BadAnswer."""
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, bool):
        raise BadAnswer(system, "no result in the answer")
    if not result:
        raise refusal(system, str(answer.get("message") or ""))
    return fields.told(answer)
