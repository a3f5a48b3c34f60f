"""HTTP for adapters: one session a system, a total deadline, a size limit, and no secret in anything that is written.

Errors are raised outside the handlers of the library's exceptions, so that these, with the request and the credential
in it, are nobody's context.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from stamina import RetryingCaller
from urllib3.exceptions import HTTPError as LowLevelError

from peyk.adapters._auth import Auth
from peyk.errors import (
    AccessRefused,
    BadAnswer,
    ExternalError,
    NotFound,
    RateLimited,
    SettingsError,
    Unavailable,
    Unsure,
)

MAX_ANSWER_BYTES = 2 * 1024 * 1024
MAX_WORDS = 200
CONNECT_TIMEOUT_S = 3.0
CHUNK = 64 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")
HIDDEN = "***"
TOO_LARGE = f"more than {MAX_ANSWER_BYTES} bytes"
# What may be asked again without doing anything twice (RFC 9110, 9.2.1).
SAFE = frozenset({"GET", "HEAD"})
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
# What is not there is the address: WordPress's `rest_no_route`, "No route matches" of Rails, "does not match any route"
# of Magento, "no Route matched" of gateways [K].
_NO_ROUTE = re.compile(r"(no|any)[ _]route", re.IGNORECASE)
# A header that asks for more is a mistake, and would silence a system until the next start.
LONGEST_ASKED_S = 3600

# At its finest level urllib3 writes whole addresses, and some APIs want the key in them.
logging.getLogger("urllib3").setLevel(logging.INFO)

Json = Any
Parameters = Mapping[str, str | int | Sequence[str]]


class Rejected(BadAnswer):
    """The system understood and will not (400, 409, 422), in its own words; the same again is in vain.

    `answer` is the JSON it said so with.
    """

    def __init__(self, system: str, detail: str, status: int, answer: Json = None) -> None:
        super().__init__(system, detail)
        self.status = status
        self.answer = answer


class NothingThere(BadAnswer):
    """A 404 that is not known to mean "no such thing": of a moved path, or of a gateway before the system.

    `answer` is the JSON it came with; only the vendor's own words in it may still mean "no such thing".
    """

    def __init__(self, system: str, words: str, answer: Json) -> None:
        super().__init__(system, f"HTTP 404 {words}".rstrip())
        self.words = words
        self.answer = answer


class NotJson(BadAnswer):
    """What came is no JSON, though its status says something: a page, perhaps the system's own."""

    def __init__(self, system: str, status: int) -> None:
        super().__init__(system, f"HTTP {status}, not JSON")
        self.status = status


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered; headers are found in any case of their names."""

    status: int
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def content_type(self) -> str:
        """The media type, in lower case."""
        return self.headers.get("Content-Type", "").lower()


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries: at most one of the three. `fields` go as multipart/form-data, `form` as urlencoded."""

    json: Json = None
    form: Mapping[str, str] | None = None
    fields: Mapping[str, str] | None = None

    def arguments(self) -> dict[str, Any]:
        """Return it as `requests` takes it."""
        if self.fields is not None:
            return {"files": {name: (None, value) for name, value in self.fields.items()}}
        if self.form is not None:
            return {"data": dict(self.form)}
        return {"json": self.json}


NOTHING = Body()


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


class Http:
    """One system's API. Safe to be used by several threads.

    Everything raises Unavailable (Unsure once the request is out), RateLimited, AccessRefused, NotFound, Rejected or
    BadAnswer. `tries` is how often what is safe may be asked within the deadline: with growing pauses and jitter, or
    when the system says (Retry-After). `base_secret` is a credential that is part of the address. `knows_404`: its
    documentation says that a 404 with JSON is "no such thing"; of everybody else, and of a route, it is NothingThere.
    """

    def __init__(
        self,
        system: str,
        url: str,
        auth: Auth | None = None,
        *,
        deadline_s: float = 8.0,
        tries: int = 1,
        allow_http: bool = False,
        headers: Mapping[str, str] | None = None,
        base_secret: str = "",
        knows_404: bool = False,
    ) -> None:
        """Prepare the session; nothing is sent. Raises SettingsError for an address that cannot be one."""
        try:
            self._base = checked_url(url, allow_http=allow_http)
        except ValueError as exc:
            raise SettingsError(f"the address of {system} {exc}") from None
        self.system = system
        self._auth = auth or Auth()
        self._base_secret = base_secret
        self._knows_404 = knows_404
        self._deadline_s = deadline_s
        self._again = RetryingCaller(
            attempts=tries, timeout=deadline_s, wait_initial=FIRST_PAUSE_S, wait_max=LONGEST_PAUSE_S, wait_jitter=0.2
        )
        self._clock_s: float | None = None
        self._session = requests.Session()
        # Neither the machine's proxy nor a .netrc, which would replace our credential.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # A packed answer could be far larger than what came over the wire.
        self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})})
        for prefix in ("http://", "https://"):
            self._session.mount(prefix, HTTPAdapter(pool_maxsize=8, max_retries=0))

    def __repr__(self) -> str:
        return f"Http({self._scrub(self._base)!r})"

    @property
    def clock_s(self) -> float | None:
        """How many seconds the system's clock was ahead of ours at its last answer; None when it did not say."""
        return self._clock_s

    def get(self, path: str, params: Parameters | None = None) -> Json:
        """Return the JSON at `path`."""
        return self.call("GET", path, params=params)

    def call(
        self, method: str, path: str, json: Json = None, *, params: Parameters | None = None, safe: bool | None = None
    ) -> Json:
        """Send JSON and return the JSON that is answered (None for an empty answer)."""
        return self.read(self.send(method, path, Body(json=json), params=params, safe=safe))

    def send(
        self,
        method: str,
        path: str,
        body: Body = NOTHING,
        *,
        params: Parameters | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
    ) -> Reply:
        """Send a request and return a good answer, not read yet. `safe`: doing it twice does nothing twice."""
        until = monotonic() + self._deadline_s

        def attempt() -> Reply:
            return self._judged(method, path, body, params, headers, until)

        if not (method in SAFE if safe is None else safe):
            return attempt()
        return self._again(lambda exc: _pause_before_next(exc, until), attempt)

    def read(self, reply: Reply) -> Json:
        """Return the JSON of an answer. Raises BadAnswer."""
        answer, readable = _json(reply)
        if not readable:
            # A proxy's or a filter's page says nothing of the system, whatever its status.
            raise NotJson(self.system, reply.status)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _judged(
        self,
        method: str,
        path: str,
        body: Body,
        params: Parameters | None,
        headers: Mapping[str, str] | None,
        until: float,
    ) -> Reply:
        reply = self._exchange(method, path, body, params, headers, until)
        if reply.status == 401 and self._auth.renew():
            # Refused before anything was done: a token whose time was over.
            reply = self._exchange(method, path, body, params, headers, until)
        if 200 <= reply.status < 300:
            return reply
        if reply.status == 429:
            raise slow_down(self.system, reply.headers.get("Retry-After", ""))
        if reply.status >= 500:
            failed = Unsure(self.system, f"HTTP {reply.status}")
            failed.answered = True
            raise failed
        answer, readable = _json(reply)
        if not readable:
            raise NotJson(self.system, reply.status)
        if reply.status == 404:
            raise self._not_there(answer)
        if 300 <= reply.status < 400:
            raise BadAnswer(self.system, f"HTTP {reply.status}: it redirects; is the address right?")
        detail = f"HTTP {reply.status} {self._scrub(_words(answer))}".rstrip()
        if reply.status in {401, 403}:
            raise AccessRefused(self.system, detail)
        raise Rejected(self.system, detail, reply.status, answer)

    def _not_there(self, answer: Json) -> ExternalError:
        if answer is None:
            # Servers say nothing at all where an address is wrong; who knows no such number says so.
            return NotJson(self.system, 404)
        if self._knows_404 and not _NO_ROUTE.search(str(answer)):
            return NotFound(self.system)
        return NothingThere(self.system, self._scrub(_words(answer)), answer)

    def _exchange(
        self,
        method: str,
        path: str,
        body: Body,
        params: Parameters | None,
        headers: Mapping[str, str] | None,
        until: float,
    ) -> Reply:
        left = max(0.001, until - monotonic())
        failure: ExternalError
        try:
            with self._session.request(
                method,
                f"{self._base}{path}",
                params=dict(params or {}),
                headers=dict(headers or {}),
                auth=self._auth,
                timeout=(min(CONNECT_TIMEOUT_S, left), left),
                # A credential goes to the address it was given for, and nowhere else.
                allow_redirects=False,
                stream=True,
                **body.arguments(),
            ) as response:
                content = _content(response, until)
                if isinstance(content, bytes):
                    at = _moment(response.headers.get("Date", ""))
                    self._clock_s = (at - datetime.now(UTC)).total_seconds() if at else None
                    return Reply(response.status_code, content, CaseInsensitiveDict(response.headers))
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

    def _scrub(self, words: str) -> str:
        for secret in (self._base_secret, *self._auth.secrets()):
            if secret:
                words = words.replace(secret, HIDDEN)
        return words[:MAX_WORDS]


def slow_down(system: str, retry_after: str) -> RateLimited:
    """Return the error for a 429; `retry_after` is the header: seconds, or a date (RFC 9110, 10.2.3).

    The pause is an hour at most.
    """
    error = RateLimited(system, "asked us to slow down")
    wait_s: int | None = None
    if retry_after.isascii() and retry_after.isdecimal():
        wait_s = int(retry_after[:6])
    elif at := _moment(retry_after):
        wait_s = round((at - datetime.now(UTC)).total_seconds())
    if wait_s is not None:
        error.retry_after_s = min(max(1, wait_s), LONGEST_ASKED_S)
    return error


def _moment(date: str) -> datetime | None:
    """Return the moment of an HTTP date, None for anything else."""
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _pause_before_next(exc: Exception, until: float) -> bool | float:
    """Tell whether to ask again: no, yes, or after so many seconds."""
    if isinstance(exc, RateLimited):
        pause = exc.retry_after_s
        return float(pause) if pause is not None and monotonic() + pause < until else False
    return isinstance(exc, Unavailable) and monotonic() + FIRST_PAUSE_S < until


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


def _json(reply: Reply) -> tuple[Json, bool]:
    """Return what was answered and whether it can be read; nothing at all is an answer too."""
    if not reply.content.strip():
        return None, True
    if "html" in reply.content_type:
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
