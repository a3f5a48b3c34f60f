"""From Postex's answers to what they say. Pure.

`{events: [{friendly_event_date, local_event_date, event_time, description, location}]}`, oldest first; a refusal is
`isSuccess` or `IsSuccess: false` with HTTP 200 [C].
"""

from __future__ import annotations

from typing import Any

from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._refusals import refusal
from peyk.adapters.carriers._told import Told

_FLAGS = ("isSuccess", "IsSuccess")
_WORDS = ("message", "Message", "errorMessage", "ErrorMessage")


def to_told(system: str, answer: Any, fields: Fields) -> Told:
    """Return what an answer says. Raises the error its refusal is, or BadAnswer."""
    if isinstance(answer, dict) and any(answer.get(flag) is False for flag in _FLAGS):
        raise refusal(system, " ".join(str(answer[name]) for name in _WORDS if answer.get(name)))
    return fields.told(answer)
