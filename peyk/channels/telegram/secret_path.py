"""The token of a bot, which the Bot API wants in the path of every address, kept out of everything that is written.

httpx logs each address at INFO and hangs its request on every exception. So addresses are made with a place for the
token, and it is put in below all that, where a request goes out.
"""

from __future__ import annotations

import re

import httpx
from pydantic import SecretStr

from peyk.errors import SettingsError

PLACE = "bot***"
# A number, a colon, letters: whatever else it is, it cannot change the meaning of an address.
_TOKEN = re.compile(r"[A-Za-z0-9:_-]{8,200}", re.ASCII)


class SecretPath(httpx.AsyncBaseTransport):
    """A transport that puts `bot<token>` where the path has `bot***`."""

    def __init__(self, token: SecretStr, inner: httpx.AsyncBaseTransport) -> None:
        """Take the token and the way out. Raises SettingsError for what cannot be a token."""
        if not _TOKEN.fullmatch(token.get_secret_value()):
            raise SettingsError(
                "the bot's token must be as the messenger gave it: a number, a colon, letters and digits"
            )
        self._token = token
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a copy of `request` that has the token; `request` itself never gets it."""
        secret = f"bot{self._token.get_secret_value()}".encode()
        path = request.url.raw_path.replace(PLACE.encode(), secret, 1)
        sent = httpx.Request(
            request.method,
            request.url.copy_with(raw_path=path),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._inner.handle_async_request(sent)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    def scrub(self, text: str) -> str:
        """Return `text` without the token: the API, or what stands before it, may quote it."""
        token = self._token.get_secret_value()
        for part in (token, token.replace(":", "%3A"), token.rpartition(":")[2]):
            text = text.replace(part, "***")
        return text
