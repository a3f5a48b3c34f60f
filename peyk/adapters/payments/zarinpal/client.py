"""Speaks to Zarinpal's payment API v4 [D]: the inquiry alone; no meaning.

`data` and `errors` may each be an empty list in the place of an object [K]. Errors come with 4xx or inside a 200.
"""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from peyk.adapters._auth import one_word
from peyk.adapters._http import Http, Rejected
from peyk.errors import AccessRefused, BadAnswer, NotFound, RateLimited

SYSTEM = "zarinpal"
# Codes of `errors`: -9 a value of the wrong shape, -10 and -11 the merchant's, -12 too many tries, -15 suspended,
# -54 an authority that is none [D].
ACCESS = frozenset({-10, -11, -15, -16})
TOO_MANY = -12
NO_SUCH = frozenset({-54, -51})
OK = 100

Json = Any


class ZarinpalApi:
    """The one call that is made: it changes nothing, so it may be repeated."""

    def __init__(self, url: str, merchant: SecretStr, *, deadline_s: float, tries: int, allow_http: bool) -> None:
        """Prepare; nothing is sent. Raises SettingsError."""
        self._merchant = one_word(merchant, "the merchant of zarinpal")
        self._http = Http(
            SYSTEM, url, deadline_s=deadline_s, tries=tries, allow_http=allow_http, base_secret=self._merchant
        )

    @property
    def clock_s(self) -> float | None:
        """How far Zarinpal's clock is ahead of ours."""
        return self._http.clock_s

    def inquiry(self, authority: str) -> str:
        """Return the state word of a payment attempt. Raises NotFound for one it does not know."""
        body = {"merchant_id": self._merchant, "authority": authority}
        try:
            answer = self._http.call("POST", "/inquiry.json", body, safe=True)
        except Rejected as exc:
            code = _code(exc.answer)
            raise (_failure(code) if code is not None else exc) from None
        data = answer.get("data") if isinstance(answer, dict) else None
        status = data.get("status") if isinstance(data, dict) else None
        if isinstance(status, str) and status:
            return status
        code = _code(answer)
        if code is None or code == OK:
            raise BadAnswer(SYSTEM, "neither a state nor an error")
        raise _failure(code)


def _code(answer: Json) -> int | None:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    code = errors.get("code") if isinstance(errors, dict) else None
    return code if isinstance(code, int) else None


def _failure(code: int) -> AccessRefused | RateLimited | NotFound | BadAnswer:
    if code in ACCESS:
        return AccessRefused(SYSTEM, f"code {code}")
    if code == TOO_MANY:
        return RateLimited(SYSTEM, f"code {code}")
    if code in NO_SUCH:
        return NotFound(SYSTEM, f"code {code}")
    return BadAnswer(SYSTEM, f"code {code}")
