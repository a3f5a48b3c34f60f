"""From FedEx's answers to what they say. Pure.

`output.completeTrackResults[].trackResults[]` [D]: an error of a number is inside a 200, and a number that was used
again has several results, of which the newest is today's parcel: by its scans, or, before the first, by its dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._moments import UTC_ZONE, moment
from peyk.adapters.carriers._refusals import refusal
from peyk.adapters.carriers._told import Told
from peyk.errors import BadAnswer, ExternalError, NotFound

# The ends of TRACKING.TRACKINGNUMBER.NOTFOUND and its sisters [C].
_NOT_FOUND = ("NOTFOUND", "TRACKINGNUMBER.INVALID")


def to_told(system: str, answer: Any, fields: Fields) -> Told:
    """Return what an answer says. Raises the error that it reports, or BadAnswer."""
    output = answer.get("output") if isinstance(answer, dict) else None
    if not isinstance(output, dict):
        raise _reported(system, answer)
    results = [
        result
        for each in _objects(system, output.get("completeTrackResults"))
        for result in _objects(system, each.get("trackResults"))
    ]
    good = [_dated(result) for result in results if not result.get("error")]
    if len(good) == 1:
        return fields.told(good[0])
    if good:
        return _newest(system, [(fields.told(result), result["dates"]) for result in good])
    if not results:
        raise BadAnswer(system, "no result in the answer")
    raise _error(system, results[0]["error"])


def _reported(system: str, answer: Any) -> ExternalError:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return _error(system, first) if first else BadAnswer(system, "no output in the answer")


def _error(system: str, error: Any) -> ExternalError:
    code, message = (str(error.get(name, "")) for name in ("code", "message")) if isinstance(error, dict) else ("", "")
    if code.upper().endswith(_NOT_FOUND):
        return NotFound(system, "it says so")
    return refusal(system, message)


def _newest(system: str, parcels: Sequence[tuple[Told, Mapping[str, Any]]]) -> Told:
    found = []
    for told, dates in parcels:
        days = [told.newest_at] if told.scans else [moment(str(each), zone=UTC_ZONE) for each in dates.values()]
        newest = max(filter(None, days), default=None)
        if newest is None:
            raise BadAnswer(system, "several parcels of one number, and one without a date")
        found.append((newest, told))
    return max(found, key=lambda pair: pair[0])[1]


def _dated(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result with its dates by their type, as `dates`."""
    listed = result.get("dateAndTimes")
    dates = listed if isinstance(listed, list) else []
    return {
        **result,
        "dates": {str(each.get("type")): each.get("dateTime") for each in dates if isinstance(each, dict)},
    }


def _objects(system: str, found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadAnswer(system, "the results are no list of objects")
    return found
