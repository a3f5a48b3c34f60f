"""JSON over HTTP for adapters: one session, a total deadline, a size limit, and no secret in anything that is written.

The credential goes out in a header of the session, which no exception of ours holds: errors are raised outside the
handlers of the library's, so that these, with the request and all in it, are nobody's context.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as LowLevelError

from peyk.errors import BadAnswer, ExternalError, NotFound, RateLimited, SettingsError, Unavailable

MAX_ANSWER_BYTES = 2 * 1024 * 1024
MAX_WORDS = 200
CONNECT_TIMEOUT_S = 3.0
CHUNK = 64 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")
HIDDEN = "***"
TOO_LARGE = f"more than {MAX_ANSWER_BYTES} bytes"

Json = Any


class Unsure(Unavailable):
    """The request went out and no answer came: what it asked for may have been done."""


class Rejected(BadAnswer):
    """The system understood and will not (400, 401, 403, 409, 422), in its own words; the same again is in vain."""

    kind = "bad_answer"

    def __init__(self, system: str, detail: str, status: int) -> None:
        super().__init__(system, detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    content: bytes = field(repr=False)
    content_type: str
    retry_after: str


def checked_url(url: str, *, allow_http: bool) -> str:
    """Return an address without its last slash. Raises ValueError where a credential would travel unprotected."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address, like https://desk.example.com")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_http:
        raise ValueError("must begin with https:// (http:// on this machine only)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a host and at most a path")
    return url.rstrip("/")


class JsonHttp:
    """One system's API. `header` and `scheme` say where its credential goes.

    `call` raises Unavailable (Unsure once the request is out), RateLimited, NotFound, Rejected or BadAnswer. Safe to
    be used by several threads.
    """

    def __init__(
        self,
        system: str,
        url: str,
        header: str,
        secret: SecretStr,
        *,
        scheme: str = "",
        deadline_s: float = 8.0,
        allow_http: bool = False,
    ) -> None:
        """Prepare the session; nothing is sent. Raises SettingsError for an address or a secret that cannot be one."""
        try:
            self._base = checked_url(url, allow_http=allow_http)
        except ValueError as exc:
            raise SettingsError(f"the address of {system} {exc}") from None
        token = secret.get_secret_value()
        if not token or not token.isascii() or any(c.isspace() for c in token):
            raise SettingsError(f"the token of {system} must be one word")
        self.system = system
        self._secret = secret
        self._deadline_s = deadline_s
        self._session = requests.Session()
        # Neither the machine's proxy nor a .netrc, which would replace our credential.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update(
            # A packed answer could be far larger than what came over the wire.
            {header: f"{scheme}{token}", "Accept": "application/json", "Accept-Encoding": "identity"}
        )
        for prefix in ("http://", "https://"):
            self._session.mount(prefix, HTTPAdapter(pool_maxsize=8, max_retries=0))

    def __repr__(self) -> str:
        return f"JsonHttp({self._base!r})"

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Json:
        """Return what is at `path`."""
        return self.call("GET", path, params=params)

    def call(self, method: str, path: str, body: Json = None, *, params: Mapping[str, str | int] | None = None) -> Json:
        """Send JSON and return the JSON that is answered (None for an empty answer)."""
        return self._meaning(self._exchange(method, path, body, params))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _exchange(self, method: str, path: str, body: Json, params: Mapping[str, str | int] | None) -> _Reply:
        until = monotonic() + self._deadline_s
        failure: ExternalError
        try:
            with self._session.request(
                method,
                f"{self._base}{path}",
                json=body,
                params=dict(params or {}),
                timeout=(min(CONNECT_TIMEOUT_S, self._deadline_s), self._deadline_s),
                # A credential goes to the address it was given for, and nowhere else.
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _content(response, until)
                if isinstance(content, bytes):
                    headers = response.headers
                    kind, wait = headers.get("Content-Type", ""), headers.get("Retry-After", "")
                    return _Reply(response.status_code, content, kind, wait)
                failure = self._broken(content)
        except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError) as exc:
            failure = Unavailable(self.system, type(exc).__name__)
        except requests.ConnectionError as exc:
            refused = "NewConnectionError" in str(exc) or "NameResolution" in str(exc)
            failure = (Unavailable if refused else Unsure)(self.system, type(exc).__name__)
        except (requests.RequestException, LowLevelError, OSError) as exc:
            failure = Unsure(self.system, type(exc).__name__)
        raise failure

    def _broken(self, reason: str) -> ExternalError:
        return BadAnswer(self.system, reason) if reason == TOO_LARGE else Unsure(self.system, reason)

    def _meaning(self, reply: _Reply) -> Json:
        answer, readable = _json(reply)
        if reply.status == 429:
            raise slow_down(self.system, reply.retry_after)
        if reply.status >= 500:
            raise Unsure(self.system, f"HTTP {reply.status}")
        if not readable:
            # A proxy's or a filter's page says nothing of the system, whatever its status.
            raise BadAnswer(self.system, f"HTTP {reply.status}, not JSON")
        if 200 <= reply.status < 300:
            return answer
        if reply.status == 404:
            raise NotFound(self.system)
        if 300 <= reply.status < 400:
            raise BadAnswer(self.system, f"HTTP {reply.status}: it redirects; is the address right?")
        raise Rejected(self.system, f"HTTP {reply.status} {self._scrub(_words(answer))}".rstrip(), reply.status)

    def _scrub(self, words: str) -> str:
        return words.replace(self._secret.get_secret_value(), HIDDEN)[:MAX_WORDS]


def slow_down(system: str, retry_after: str) -> RateLimited:
    """Return the error for a 429; `retry_after` is the header, in seconds (a date is not read)."""
    error = RateLimited(system, "asked us to slow down")
    if retry_after.isascii() and retry_after.isdecimal():
        error.retry_after_s = max(1, int(retry_after[:6]))
    return error


def _content(response: requests.Response, until: float) -> bytes | str:
    """Return the body, or why there is none: it does not come in time, or is too large."""
    content = bytearray()
    while True:
        # At most what has arrived: a server that drips bytes must not hold us longer than the deadline.
        chunk = response.raw.read1(CHUNK)
        if monotonic() > until:
            return "slower than the deadline"
        if not chunk:
            break
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            return TOO_LARGE
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and len(content) < int(announced):
        return "cut off"
    return bytes(content)


def _json(reply: _Reply) -> tuple[Json, bool]:
    """Return what was answered and whether it can be read; nothing at all is an answer too."""
    if not reply.content.strip():
        return None, True
    if "html" in reply.content_type.lower():
        return None, False
    try:
        return json.loads(reply.content), True
    except (ValueError, RecursionError):
        return None, False


def _words(answer: Json) -> str:
    """Return a refusal in the system's own words, where there are any."""
    if not isinstance(answer, dict):
        return ""
    for name in ("error_human", "error", "message", "errors"):
        value = answer.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and value:
            return "; ".join(str(each) for each in value)
    return ""
