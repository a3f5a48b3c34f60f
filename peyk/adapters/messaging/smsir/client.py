"""Speaks to the API v1 of sms.ir [C: eight public clients]; no meaning. Only `status` 1 in the body is success."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._http import Http, Rejected
from peyk.errors import AccessRefused, BadAnswer, RateLimited, Unavailable

SYSTEM = "smsir"
OK = 1
# Codes of `status` [K]: 10 to 13 are the key's, 20 too many requests, 14 and 16 the account's, 102 no credit.
ACCESS = frozenset({10, 11, 12, 13, 14, 16})
TOO_MANY = 20
NO_CREDIT = 102

Json = Any


class SmsIrApi:
    """The calls that are made."""

    def __init__(self, url: str, key: SecretStr, *, deadline_s: float, allow_http: bool) -> None:
        """Prepare; nothing is sent. Raises SettingsError."""
        auth = HeaderAuth(SYSTEM, "X-API-KEY", key)
        self._http = Http(SYSTEM, url, auth, deadline_s=deadline_s, allow_http=allow_http)

    @property
    def clock_s(self) -> float | None:
        """How far the clock of sms.ir is ahead of ours."""
        return self._http.clock_s

    def verify(self, mobile: str, template: int, parameters: Mapping[str, str]) -> Json:
        """Send a template; return its data."""
        named = [{"name": name, "value": value} for name, value in parameters.items()]
        return self._data("POST", "/send/verify", {"mobile": mobile, "templateId": template, "parameters": named})

    def message(self, message_id: str) -> Json:
        """Return what became of a message [K]."""
        return self._data("GET", f"/send/{message_id}")

    def credit(self) -> float:
        """Return how many messages the account is good for [K]."""
        credit = self._data("GET", "/credit")
        if not isinstance(credit, int | float):
            raise BadAnswer(SYSTEM, "no credit in the answer")
        return credit

    def _data(self, method: str, path: str, body: Json = None) -> Json:
        answer = self._http.call(method, path, body)
        status = answer.get("status") if isinstance(answer, dict) else None
        if not isinstance(status, int):
            raise BadAnswer(SYSTEM, "no status")
        if status in ACCESS:
            raise AccessRefused(SYSTEM, f"status {status}")
        if status == TOO_MANY:
            raise RateLimited(SYSTEM, f"status {status}")
        if status == NO_CREDIT:
            raise Unavailable(SYSTEM, "no credit is left")
        if status != OK:
            raise Rejected(SYSTEM, f"status {status}", status)
        return answer.get("data")
