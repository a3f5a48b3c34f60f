"""Speaks to Kavenegar's REST API (kavenegar.com/rest.html); no meaning.

The key is part of the address. Whether a call succeeded stands in the body, `return.status`: HTTP may say 200 to a
failure [D], or repeat the code [K].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from peyk.adapters._auth import one_word
from peyk.adapters._http import Body, Http, Rejected
from peyk.errors import AccessRefused, BadAnswer, Unavailable

SYSTEM = "kavenegar"

OK = 200
# Codes of `return.status`: 403 and 407 are the key's [K], 418 no credit [C], 402 and 409 pass by [D].
ACCESS = frozenset({401, 403, 407})
PASSING = frozenset({402, 409})
NO_CREDIT = 418

Json = Any


class KavenegarApi:
    """The calls that are made."""

    def __init__(self, url: str, key: SecretStr, *, deadline_s: float, allow_http: bool) -> None:
        """Prepare; nothing is sent. Raises SettingsError."""
        word = one_word(key, "the key of kavenegar")
        self._http = Http(
            SYSTEM, f"{url.rstrip('/')}/{word}", deadline_s=deadline_s, allow_http=allow_http, base_secret=word
        )

    @property
    def clock_s(self) -> float | None:
        """How far Kavenegar's clock is ahead of ours."""
        return self._http.clock_s

    def lookup(self, receptor: str, token: str, template: str) -> Mapping[str, Json]:
        """Send a template with a token; return its entry."""
        return self._entry("/verify/lookup.json", {"receptor": receptor, "token": token, "template": template})

    def status(self, message_id: str) -> Mapping[str, Json]:
        """Return the entry of a message [K]."""
        return self._entry("/sms/status.json", {"messageid": message_id}, safe=True)

    def credit(self) -> int:
        """Return what is left of the account, in rial [K]."""
        credit = self._entry("/account/info.json", {}, safe=True).get("remaincredit")
        if not isinstance(credit, int):
            raise BadAnswer(SYSTEM, "no remaincredit")
        return credit

    def _entry(self, path: str, form: Mapping[str, str], *, safe: bool = False) -> Mapping[str, Json]:
        try:
            answer = self._http.read(self._http.send("POST", path, Body(form=form), safe=safe))
        except Rejected as exc:
            raise self._failure(exc.status, str(exc)) from None
        told = answer.get("return") if isinstance(answer, dict) else None
        status = told.get("status") if isinstance(told, dict) else None
        if not isinstance(status, int):
            raise BadAnswer(SYSTEM, "no return.status")
        if status != OK:
            raise self._failure(status, f"status {status}")
        entries = answer.get("entries")
        entry = entries[0] if isinstance(entries, list) and entries else entries
        if not isinstance(entry, dict):
            raise BadAnswer(SYSTEM, "no entry")
        return entry

    def _failure(self, status: int, detail: str) -> AccessRefused | Unavailable | Rejected:
        if status in ACCESS:
            return AccessRefused(SYSTEM, detail)
        if status == NO_CREDIT:
            return Unavailable(SYSTEM, "no credit is left")
        if status in PASSING or status >= 500:
            return Unavailable(SYSTEM, detail)
        return Rejected(SYSTEM, detail, status)
