"""From 17TRACK's answers to what they say. Pure.

`{code, data: {accepted, rejected}}` with HTTP 200 whatever became of a code [C]; `data.errors` with a `code` that is
not 0 [C]. What the numbers mean is [C]; several clients agree.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peyk.adapters._pace import UsedUp
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._moments import UTC_ZONE, moment
from peyk.adapters.carriers._told import Told
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet, RateLimited, Unavailable

REGISTERED_ALREADY = -18019901
NOT_REGISTERED = -18019902
SEVERAL = "several carriers have such codes: set PEYK_17TRACK_CARRIER_CODE"
_ERRORS: dict[int, tuple[type[ExternalError], str]] = {
    -18010001: (AccessRefused, "this machine's address is not on its list"),
    -18010002: (AccessRefused, "it does not take the key"),
    -18010003: (Unavailable, "an error of its own"),
    -18010004: (AccessRefused, "the account is disabled"),
    -18010005: (AccessRefused, "the account may not do this"),
    # Of a number it has rejected: no carrier's code looks so.
    -18010012: (NotFound, "no code has this shape"),
    -18010014: (RateLimited, "too many calls"),
    -18019903: (BadAnswer, "it cannot tell the carrier by the code: set PEYK_17TRACK_CARRIER_CODE"),
    -18019907: (UsedUp, "the day's limit is used up"),
    -18019908: (UsedUp, "the quota is used up: buy more"),
    -18019909: (NotYet, "registered, and nothing is known so far"),
    -18019910: (BadAnswer, "it has no carrier of the number in PEYK_17TRACK_CARRIER_CODE"),
    4013: (BadAnswer, SEVERAL),
}
_NOT_FOUND, _NO_SUCH_CODE = "NotFound", "NotFound_InvalidCode"
# For scans that 17TRACK has put into no class: a line of statuses.yml.
UNCLASSIFIED = "Unclassified"


def data_of(system: str, answer: Any) -> dict[str, Any]:
    """Return the data of an answer. Raises the error it reports, or BadAnswer."""
    code, data = (answer.get("code"), answer.get("data")) if isinstance(answer, dict) else (None, None)
    if code != 0:
        errors = data.get("errors") if isinstance(data, dict) else None
        first = errors[0] if isinstance(errors, list) and errors else None
        # Here a wrong shape is that of our own request.
        found = _error(system, code if isinstance(code, int) and code in _ERRORS else _code_of(first))
        raise BadAnswer(system, "it does not take the request") if isinstance(found, NotFound) else found
    if not isinstance(data, dict):
        raise BadAnswer(system, "no data in the answer")
    return data


def was_registered(system: str, data: dict[str, Any], code: str) -> bool:
    """Tell whether a code was registered now; False for one that was already. Raises the error it was rejected with."""
    if _of(system, data, "accepted", code):
        return True
    rejection = _rejection(system, data, code)
    if rejection == REGISTERED_ALREADY:
        return False
    raise _error(system, rejection)


def accepted(system: str, data: dict[str, Any], code: str) -> list[dict[str, Any]] | None:
    """Return what is told of a code; None where it is not registered. Raises the error it was rejected with."""
    if found := _of(system, data, "accepted", code):
        return found
    rejection = _rejection(system, data, code)
    if rejection == NOT_REGISTERED:
        return None
    raise _error(system, rejection)


def to_told(system: str, items: list[dict[str, Any]], fields: Fields, *, new: bool) -> Told:
    """Return what is said of a code. Raises BadAnswer where several carriers have a parcel of it: which is meant?

    `new`: it was registered not long ago, so that 17TRACK has nothing yet says nothing of the code.
    """
    told: list[Told] = []
    carriers, missing = set(), []
    for item in items:
        info = item.get("track_info")
        status = info.get("latest_status") if isinstance(info, dict) else None
        if not isinstance(info, dict) or not isinstance(status, dict):
            raise BadAnswer(system, "no status in the answer")
        if status.get("status") == _NOT_FOUND:
            missing.append(status.get("sub_status"))
        else:
            carriers.add(str(item.get("carrier")))
            told.append(fields.told({**info, "events": _events(system, info)}))
    if len(carriers) > 1:
        raise BadAnswer(system, SEVERAL)
    if told:
        return max(told, key=lambda each: each.newest_at)
    if new and _NO_SUCH_CODE not in missing:
        raise NotYet(system, "registered not long ago")
    raise NotFound(system, "no carrier knows it")


def registered_at(items: list[dict[str, Any]]) -> datetime | None:
    """Return when a code was registered; None where the answer does not say [K]."""
    at = [moment(str(item.get("register_time") or ""), zone=UTC_ZONE) for item in items]
    return max(filter(None, at), default=None)


def quota_left(data: dict[str, Any]) -> int | None:
    """Return how many codes may still be registered; None where it does not say [K]."""
    left = data.get("quota_remain")
    return left if isinstance(left, int) else None


def _events(system: str, info: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the scans of every carrier that had the parcel, each with the main class of its status."""
    tracking = info.get("tracking")
    providers = tracking.get("providers") if isinstance(tracking, dict) else None
    scans = []
    for provider in _objects(system, providers or []):
        for event in _objects(system, provider.get("events") or []):
            code = event.get("sub_status") or event.get("stage") or UNCLASSIFIED
            # Some carriers give no time for some scans; they cannot be put in order.
            if event.get("time_utc", "") is not None or event.get("time_iso", "") is not None:
                scans.append({**event, "status_code": code, "main_status": str(code).partition("_")[0]})
    return scans


def _of(system: str, data: dict[str, Any], name: str, code: str) -> list[dict[str, Any]]:
    items = _objects(system, data.get(name, []))
    return [item for item in items if str(item.get("number", "")).upper() == code.upper()]


def _rejection(system: str, data: dict[str, Any], code: str) -> Any:
    rejected = _of(system, data, "rejected", code)
    return _code_of(rejected[0].get("error")) if rejected else None


def _code_of(error: Any) -> Any:
    return error.get("code") if isinstance(error, dict) else None


def _error(system: str, code: Any) -> ExternalError:
    known = _ERRORS.get(code) if isinstance(code, int) else None
    if known is None:
        return BadAnswer(system, f"error {code}" if isinstance(code, int) else "neither accepted nor rejected")
    kind, why = known
    error = kind(system, why)
    if type(error) is RateLimited:
        # It counts by the second [C].
        error.retry_after_s = 1
    return error


def _objects(system: str, found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadAnswer(system, "no list of objects where one should be")
    return found
