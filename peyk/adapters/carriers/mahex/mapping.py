"""From Mahex's answers to what they say. Pure.

`{status: {code, state, message, invalid_field}, data}` [C]. That `code` follows HTTP's numbers is [K].
"""

from __future__ import annotations

from typing import Any

from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._refusals import refusal
from peyk.adapters.carriers._told import Told
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, RateLimited

_KINDS: dict[str, type[ExternalError]] = {
    "401": AccessRefused,
    "403": AccessRefused,
    "404": NotFound,
    "429": RateLimited,
}
_GOOD = ("0", "200")


def to_told(system: str, answer: Any, fields: Fields) -> Told:
    """Return what an answer says. Raises the error its refusal is, or BadAnswer."""
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict) or not isinstance(status.get("code"), (int, str)):
        raise BadAnswer(system, "no status in the answer")
    code = str(status["code"])
    if code in _KINDS:
        raise _KINDS[code](system, "it says so")
    if code not in _GOOD:
        raise refusal(system, str(status.get("message") or ""))
    return fields.told(answer)
