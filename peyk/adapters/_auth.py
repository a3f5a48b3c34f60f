"""How requests prove who asks: each class puts a credential where one kind of API wants it, and knows what to hide."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from pydantic import SecretStr
from requests.auth import AuthBase
from requests.models import PreparedRequest

from peyk.errors import SettingsError

# A token is renewed this long before its end: the clocks of two machines are never the same.
TOKEN_MARGIN = timedelta(seconds=60)


class Auth(AuthBase):
    """The base: no credential at all."""

    def secrets(self) -> tuple[str, ...]:
        """Return what must stand in no log and no exception."""
        return ()

    def renew(self) -> bool:
        """Forget a credential that was refused; True when asking again may help."""
        return False

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the credential into a request."""
        return request


class HeaderAuth(Auth):
    """A key in a header: `api_access_token: …`, `Authorization: Token token=…`."""

    def __init__(self, system: str, header: str, secret: SecretStr, scheme: str = "") -> None:
        """Take the key. Raises SettingsError for one that cannot stand in a header."""
        self._header = header
        self._scheme = scheme
        self._secret = one_word(secret, f"the token of {system}")

    def secrets(self) -> tuple[str, ...]:
        """Return the key."""
        return (self._secret,)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Set the header."""
        request.headers[self._header] = f"{self._scheme}{self._secret}"
        return request


class BasicAuth(Auth):
    """User and password, as RFC 7617 has them; either may be empty."""

    def __init__(
        self, user: SecretStr, password: SecretStr, header: str = "Authorization", scheme: str = "Basic "
    ) -> None:
        """Take both; some APIs want them in a header of their own."""
        self._user, self._password = user.get_secret_value(), password.get_secret_value()
        self._header, self._scheme = header, scheme

    def secrets(self) -> tuple[str, ...]:
        """Return both, and both as they travel."""
        return tuple(filter(None, (self._user, self._password, self._encoded())))

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Set the header."""
        request.headers[self._header] = f"{self._scheme}{self._encoded()}"
        return request

    def _encoded(self) -> str:
        return b64encode(f"{self._user}:{self._password}".encode()).decode()


class QueryAuth(Auth):
    """Credentials as parameters of the address, for servers that drop the header (over https alone)."""

    def __init__(self, **parameters: SecretStr) -> None:
        """Take the parameters."""
        self._parameters = {name: value.get_secret_value() for name, value in parameters.items()}

    def secrets(self) -> tuple[str, ...]:
        """Return their values."""
        return tuple(filter(None, self._parameters.values()))

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the parameters."""
        request.prepare_url(request.url, self._parameters)
        return request


class BodyAuth(Auth):
    """Credentials that the body carries: nothing is put in here, but they are known and hidden."""

    def __init__(self, *carried: SecretStr) -> None:
        """Take what the body carries."""
        self._carried = tuple(filter(None, (each.get_secret_value() for each in carried)))

    def secrets(self) -> tuple[str, ...]:
        """Return them."""
        return self._carried


class TokenAuth(Auth):
    """A bearer token that another call gives for a while: fetched when it is needed, once for all threads.

    `fetch` returns the token and how long it is good for; what it raises is raised where the token was needed.
    """

    def __init__(
        self, fetch: Callable[[], tuple[str, timedelta]], *, header: str = "Authorization", scheme: str = "Bearer "
    ) -> None:
        """Begin without a token."""
        self._fetch = fetch
        self._header, self._scheme = header, scheme
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def secrets(self) -> tuple[str, ...]:
        """Return the present token."""
        return (self._token,) if self._token else ()

    def renew(self) -> bool:
        """Have the next request fetch a token."""
        had, self._token = self._token, ""
        return bool(had)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Set the header, with a token that is still good."""
        with self._lock:
            if not self._token or monotonic() >= self._until:
                self._token, lasts = self._fetch()
                self._until = monotonic() + max(0.0, (lasts - TOKEN_MARGIN).total_seconds())
            request.headers[self._header] = f"{self._scheme}{self._token}"
        return request


def one_word(secret: SecretStr, what: str) -> str:
    """Return a secret that can stand in a header or a path. Raises SettingsError for any other."""
    word = secret.get_secret_value()
    if not word or not word.isascii() or any(char.isspace() for char in word):
        raise SettingsError(f"{what} must be one word")
    return word
