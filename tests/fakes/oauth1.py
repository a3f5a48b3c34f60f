"""Checks signatures of OAuth 1.0a as a server does (RFC 5849, section 3.4), apart from the library that signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from urllib.parse import quote, unquote

from tests.fakes.vendor_http import Call

# WooCommerce's.
WINDOW_S = 15 * 60
_PAIR = re.compile(r'(\w+)="([^"]*)"')


class OAuth1:
    """Knows one consumer and, where there is one, its token; a nonce counts once."""

    def __init__(self, key: str, secret: str, token: str = "", token_secret: str = "") -> None:
        self._key, self._token = key, token
        self._signing = f"{_plain(secret)}&{_plain(token_secret)}".encode()
        self._used: set[str] = set()

    def accepts(self, call: Call, url: str) -> bool:
        """Tell whether a call to `url` (without its query) is signed, now, and for the first time."""
        given = {name: unquote(value) for name, value in _PAIR.findall(call.headers.get("Authorization", ""))}
        # As Magento does it: a plus is a plus.
        pairs = (pair.partition("=") for pair in call.asked.split("&") if pair)
        every = [*((unquote(name), unquote(value)) for name, _, value in pairs), *given.items()]
        said = dict(every)
        whole = "&".join(
            sorted(f"{_plain(name)}={_plain(value)}" for name, value in every if name != "oauth_signature")
        )
        text = "&".join((call.method, _plain(url), _plain(whole)))
        signature = base64.b64encode(hmac.new(self._signing, text.encode(), hashlib.sha256).digest()).decode()
        nonce = said.get("oauth_nonce", "")
        well = (
            said.get("oauth_consumer_key") == self._key
            and said.get("oauth_token", "") == self._token
            and said.get("oauth_signature_method") == "HMAC-SHA256"
            and abs(time.time() - int(said.get("oauth_timestamp", 0))) < WINDOW_S
            and bool(nonce)
            and nonce not in self._used
            and hmac.compare_digest(said.get("oauth_signature", ""), signature)
        )
        self._used.add(nonce)
        return well


def _plain(value: str) -> str:
    return quote(value, safe="-._~")
