"""Tokens that a vendor gives for credentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyk.adapters._http import Body, Http, Rejected
from peyk.errors import AccessRefused, BadAnswer


def granted(http: Http, path: str, grant: Body) -> Mapping[str, Any]:
    """Return the answer to a POST of credentials. Raises AccessRefused where they are not taken, and what Http does."""
    answer: Any = None
    refused = False
    try:
        # A second token does no harm: asking again is safe.
        answer = http.read(http.send("POST", path, grant, safe=True))
    except Rejected:
        refused = True
    if refused:
        raise AccessRefused(http.system, "it gives no token for these credentials")
    return answer if isinstance(answer, dict) else {}


def token_in(system: str, answer: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the token under one of some names. Raises BadAnswer where there is none that could stand in a header."""
    token = next((answer[name] for name in names if isinstance(answer.get(name), str) and answer[name]), None)
    if token is None or not token.isascii() or any(char.isspace() for char in token):
        raise BadAnswer(system, "no token where it should be")
    return str(token)
