"""From an HTTP answer of the Bot API to its result or one error. Pure.

An answer is `{"ok": true, "result": …}` or `{"ok": false, "error_code", "description", "parameters"?}`
(core.telegram.org/bots/api, "Making requests"). Only JSON speaks for the API: a 403 in HTML is a proxy's or a filter's,
and says nothing of the chat.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from peyk.channels.telegram.errors import BadRequest, ChatGone, Conflict, Refusal, SlowDown, WrongToken
from peyk.errors import BadAnswer, ExternalError, Unavailable

# Where the API does not say how long.
DEFAULT_RETRY_AFTER_S = 5
MAX_DETAIL_CHARS = 200
_OK = 200
_TOO_MANY = 429
_SERVER_ERRORS = 500
# 404 is what a token of the wrong shape gets; the methods asked for here all exist.
_REFUSALS: dict[int, type[Refusal]] = {400: BadRequest, 401: WrongToken, 403: ChatGone, 404: WrongToken, 409: Conflict}


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; `retry_after` is the header of that name, or empty."""

    status: int
    content: bytes = field(repr=False)
    retry_after: str = ""


def result(reply: Reply, system: str, scrub: Callable[[str], str]) -> Any:
    """Return what the API answered. Raises an error of `peyk.channels.telegram.errors`, Unavailable or BadAnswer.

    `scrub` takes the token out of the API's own words, which stand in the error.
    """
    body = _json_object(reply.content)
    if body is None or not isinstance(body.get("ok"), bool):
        raise _not_the_api(reply, system)
    if body["ok"] and reply.status == _OK and "result" in body:
        return body["result"]
    if body["ok"]:
        raise BadAnswer(system, f"HTTP {reply.status} with ok")
    raise _refused(reply, body, system, scrub)


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _not_the_api(reply: Reply, system: str) -> ExternalError:
    # Nothing of the body: an error page may quote the address, and the token with it.
    if reply.status == _TOO_MANY:
        return SlowDown(system, _seconds(reply.retry_after))
    if reply.status >= _SERVER_ERRORS:
        return Unavailable(system, f"HTTP {reply.status}")
    return BadAnswer(system, f"HTTP {reply.status}, not JSON of the Bot API")


def _refused(reply: Reply, body: dict[str, Any], system: str, scrub: Callable[[str], str]) -> ExternalError:
    told = body.get("error_code")
    # Success and failure are in the body; the HTTP status may say 200 all the same.
    code = told if _is_int(told) else reply.status
    description = body.get("description")
    words = scrub(description)[:MAX_DETAIL_CHARS] if isinstance(description, str) else ""
    detail = f"{code} {words}".strip()
    if code == _TOO_MANY:
        parameters = body.get("parameters")
        wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
        return SlowDown(system, _seconds(reply.retry_after if wait is None else wait))
    if code >= _SERVER_ERRORS:
        return Unavailable(system, detail)
    refusal = _REFUSALS.get(code)
    return refusal(system, detail) if refusal else BadAnswer(system, detail)


def _seconds(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:9])
    return max(1, value) if isinstance(value, int) and not isinstance(value, bool) else DEFAULT_RETRY_AFTER_S


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
