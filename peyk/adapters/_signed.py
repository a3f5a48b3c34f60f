"""Requests that are signed; apart from the other credentials, because few shops need what it loads."""

from __future__ import annotations

import logging

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_AUTH_HEADER, SIGNATURE_TYPE_QUERY, Client
from pydantic import SecretStr
from requests.models import PreparedRequest

from peyk.adapters._auth import Auth, one_word

# At its finest level it writes keys, tokens and signatures.
logging.getLogger("oauthlib").setLevel(logging.INFO)


class SignedAuth(Auth):
    """A signature by RFC 5849 (OAuth 1.0a, HMAC-SHA256) over method, address and parameters: what signs never travels.

    In a header, or with `in_query` in the address. Every request has a time and a word of its own, also one sent again.
    `seen_as` is the scheme the server takes itself to be asked by, where that is another than the address has.
    """

    def __init__(
        self,
        key: SecretStr,
        secret: SecretStr,
        token: SecretStr | None = None,
        token_secret: SecretStr | None = None,
        *,
        in_query: bool = False,
        seen_as: str = "",
    ) -> None:
        """Take the consumer's key and secret and, where there is one, a token and its secret. Raises SettingsError."""
        self._key, self._secret = one_word(key, "the consumer key"), one_word(secret, "the consumer secret")
        self._token = one_word(token, "the access token") if token else None
        self._token_secret = one_word(token_secret, "the access token secret") if token_secret else None
        self._seen_as = seen_as
        self._place = SIGNATURE_TYPE_QUERY if in_query else SIGNATURE_TYPE_AUTH_HEADER

    def secrets(self) -> tuple[str, ...]:
        """Return keys and secrets: where a shop takes bearers the token alone is one."""
        return tuple(filter(None, (self._key, self._secret, self._token, self._token_secret)))

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign the request as it will be sent."""
        signer = Client(
            self._key,
            self._secret,
            self._token,
            self._token_secret,
            signature_method=SIGNATURE_HMAC_SHA256,
            signature_type=self._place,
        )
        scheme, rest = str(request.url).split(":", 1)
        signed, headers, _ = signer.sign(f"{self._seen_as or scheme}:{rest}", request.method)
        request.url = f"{scheme}:{_without_plus(signed).split(':', 1)[1]}"
        request.headers.update(headers)
        return request


def _without_plus(url: str) -> str:
    """Return an address with `%20` for spaces: what Magento signs takes a plus for a plus (magento2#34896 [I])."""
    address, mark, query = url.partition("?")
    return f"{address}{mark}{query.replace('+', '%20')}"
