"""The web services of contracts with Iran Post, asked in the place of its page where a shop has one.

None is published. Seen in public programs [C], and never tried on an account:

- `company`, ecommerceapi.post.ir (three programs): POST `/api/company/GetParcelTrace?Barcode=…` with the headers
  `username`, `password` and `apikey`, the MD5 of user, password and a secret key in a row; `Message` says what is
  wrong. What the answer looks like is not known: `company.yml` has likely names [K].
- `ebazaar`, svc.ebazaar-post.ir/RestApi 1.0.0.10 (five programs; one of them reads statuses): a token for a password
  grant at `/token`, whose refusals are HTTP 400 with `{error: code}`; then POST `/api/v0/Order/ParcelStatus` with a
  list of barcodes, `{ResCode, ResMsg, Data: [{ParcelCode, StatusCode, Description}]}`. It tells a status, no history.
- `own`: anything that answers a GET with JSON.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import md5
from typing import Any, Protocol

from requests.models import PreparedRequest

from peyk.adapters._auth import Auth, BodyAuth, HeaderAuth, TokenAuth, one_word
from peyk.adapters._http import Body, Http, NothingThere, Rejected
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._refusals import refusal
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers.iran_post.settings import PostSettings, ServiceKind
from peyk.adapters.plugin import Parts
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, RateLimited, SettingsError, Unavailable

SYSTEM = "post"
PACKAGE = "peyk.adapters.carriers.iran_post"
TRACE_PATH = "/api/company/GetParcelTrace?Barcode={code}"
STATUS_PATH = "/api/v0/Order/ParcelStatus"
_NO = ("isSuccess", "success", "result")
_WORDS = ("Message", "message")
# What a token is refused with, where that is no fault of the credentials.
_TOKEN_BROKEN = ("406", "407")
_TOKEN_LASTS_S = 3600
_GOOD, _TOO_MANY, _BROKEN, _NOBODYS = 0, -1, -2, (17, 21)
_NOBODYS_STATUS = "-1"

Json = Any


class PostService(Protocol):
    """A contract's web service; `http` is what has seen it."""

    http: Http

    def ask(self, code: str) -> Told:
        """Return what it says of a code. Raises what the port says."""
        ...


def make_service(settings: PostSettings, parts: Parts) -> PostService | None:
    """Return the web service the settings name, None where they name none. Raises SettingsError."""
    if not settings.service_url:
        return None
    if settings.service is ServiceKind.EBAZAAR:
        return EbazaarService(settings, parts)
    return TraceService(settings, parts)


class TraceService:
    """A history for a code: `company`, and `own`."""

    def __init__(self, settings: PostSettings, parts: Parts) -> None:
        """Prepare the connection; nothing is sent. Raises SettingsError."""
        company = settings.service is ServiceKind.COMPANY
        if settings.fields is None and not company:
            raise SettingsError("PEYK_POST_FIELDS: name the fields of your web service (docs/carriers.md)")
        self._method = "POST" if company else "GET"
        self._path = settings.service_path or (TRACE_PATH if company else "/{code}")
        self._fields = Fields.load(SYSTEM, PACKAGE, settings.fields, table="company.yml" if company else "fields.yml")
        self.http = _http(settings.service_url, _CompanyAuth(settings) if company else _own_auth(settings), parts)

    def ask(self, code: str) -> Told:
        """Return what it says of a code. Raises what the port says."""
        answer: Json = None
        rejected = False
        try:
            answer = self.http.call(self._method, self._path.replace("{code}", code), safe=True)
        except (Rejected, NothingThere) as exc:
            answer, rejected = exc.answer, True
        said = _said(answer)
        if said is not None or rejected:
            raise refusal(SYSTEM, said or "")
        return self._fields.told(answer)


class EbazaarService:
    """A token, then the present status of a code."""

    def __init__(self, settings: PostSettings, parts: Parts) -> None:
        """Prepare both connections; nothing is sent. Raises SettingsError."""
        self._user, self._password = _credentials(settings)
        self._path = settings.service_path or STATUS_PATH
        self._fields = Fields.load(SYSTEM, PACKAGE, settings.fields, table="ebazaar.yml")
        # The call that needs a token is the one that is tried again.
        grant = BodyAuth(settings.service_user, settings.service_password)
        self._tokens = _http(settings.service_url, grant, parts, tries=1)
        self.http = _http(settings.service_url, TokenAuth(self._token), parts)

    def ask(self, code: str) -> Told:
        """Return what it says of a code. Raises what the port says."""
        answer = self.http.call("POST", self._path, [code], safe=True)
        error = _error_of(answer.get("ResCode") if isinstance(answer, dict) else None)
        if error is not None:
            raise error
        rows = answer.get("Data")
        if isinstance(rows, list) and not rows:
            raise NotFound(SYSTEM, "it says nothing of it")
        told = self._fields.told(answer)
        if told.state is not None and told.state.code == _NOBODYS_STATUS:
            raise NotFound(SYSTEM)
        return told

    def _token(self) -> tuple[str, timedelta]:
        form = {"username": self._user, "password": self._password, "grant_type": "password"}
        refused: Json = None
        answer: Json = None
        try:
            # A second token does no harm: asking again is safe.
            answer = self._tokens.read(self._tokens.send("POST", "/token", Body(form=form), safe=True))
        except Rejected as exc:
            refused = exc.answer if isinstance(exc.answer, dict) else {}
        if refused is not None:
            why = str(refused.get("error", ""))
            if why in _TOKEN_BROKEN:
                raise Unavailable(SYSTEM, f"it gives no token now ({why})")
            raise AccessRefused(SYSTEM, "it gives no token for these credentials")
        named = answer if isinstance(answer, dict) else {}
        token, lasts_s = named.get("access_token"), named.get("expires_in", _TOKEN_LASTS_S)
        if not isinstance(token, str) or not token or not token.isascii() or any(char.isspace() for char in token):
            raise BadAnswer(SYSTEM, "no token where it should be")
        return token, timedelta(seconds=lasts_s if isinstance(lasts_s, int) else _TOKEN_LASTS_S)


class _CompanyAuth(Auth):
    """User and password as they are, and the key they make with the secret one."""

    def __init__(self, settings: PostSettings) -> None:
        user, password = _credentials(settings)
        secret = one_word(settings.service_key, "PEYK_POST_SERVICE_KEY, with the service `company`,")
        # What the service asks for; nothing is kept safe by it.
        made = md5(f"{user}{password}{secret}".encode(), usedforsecurity=False).hexdigest()
        self._headers = {"username": user, "password": password, "apikey": made}
        self._secret = secret

    def secrets(self) -> tuple[str, ...]:
        return (*self._headers.values(), self._secret)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers.update(self._headers)
        return request


def _credentials(settings: PostSettings) -> tuple[str, str]:
    return (
        one_word(settings.service_user, f"PEYK_POST_SERVICE_USER, with the service `{settings.service}`,"),
        one_word(settings.service_password, f"PEYK_POST_SERVICE_PASSWORD, with the service `{settings.service}`,"),
    )


def _own_auth(settings: PostSettings) -> Auth:
    key = settings.service_key
    return HeaderAuth(SYSTEM, settings.service_header, key) if key.get_secret_value() else Auth()


def _said(answer: Json) -> str | None:
    """Return the words of a refusal inside a good answer, None where there is none."""
    if not isinstance(answer, dict):
        return None
    words = next((answer[name] for name in _WORDS if isinstance(answer.get(name), str)), None)
    no = any(answer.get(flag) is False for flag in _NO)
    # Words alone, with nothing beside them, are no parcel.
    return (words or "") if no or (words is not None and len(answer) == 1) else None


def _error_of(code: Json) -> ExternalError | None:
    if not isinstance(code, int) or isinstance(code, bool):
        return BadAnswer(SYSTEM, "no ResCode where it should be")
    if code in _NOBODYS:
        return NotFound(SYSTEM)
    if code == _TOO_MANY:
        return RateLimited(SYSTEM, "it was asked too often")
    if code == _BROKEN:
        return Unavailable(SYSTEM, "it says that it is broken")
    return None if code == _GOOD else BadAnswer(SYSTEM, f"ResCode {code}")


def _http(url: str, auth: Auth, parts: Parts, tries: int | None = None) -> Http:
    return Http(SYSTEM, url, auth, deadline_s=parts.deadline_s, tries=tries or parts.tries, allow_http=parts.allow_http)
