"""Sends a webhook: to the address that was checked and no other, once, without following, for a limited time."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address

import httpx

from peyk.adapters.webhooks.addresses import Address, WebhookAddresses
from peyk.domain.webhooks import Reply

HTTPS_PORT = 443
HTTP_PORT = 80

Resolve = Callable[[str, int], Awaitable[list[Address]]]


class HttpWebhooks:
    """Brings bodies to addresses (the port `WebhookSender`).

    The name is resolved here, and the connection goes to the address found: a name that changes its mind between
    check and use gains nothing.
    """

    def __init__(self, rules: WebhookAddresses, timeout_s: float, resolve: Resolve | None = None) -> None:
        """Prepare; the client is made at the first use."""
        self._rules = rules
        self._timeout_s = timeout_s
        self._resolve = resolve or _resolved
        self._client: httpx.AsyncClient | None = None

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send it once; whatever goes wrong is a reply."""
        refusal = self._rules.refusal(url)
        if refusal is not None:
            return Reply(error=refusal)
        try:
            # The whole of it has one deadline: a server that answers a byte a second does not hold us.
            async with asyncio.timeout(self._timeout_s):
                return await self._send(httpx.URL(url), headers, body)
        except TimeoutError:
            return Reply(error="timeout")
        except socket.gaierror:
            return Reply(error="unknown_name")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as exc:
            return Reply(error=type(exc).__name__)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _send(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Reply:
        host = url.raw_host.decode("ascii")
        port = url.port or (HTTPS_PORT if url.scheme == "https" else HTTP_PORT)
        found = await self._resolve(host, port)
        if not found or not all(self._rules.may_reach(address) for address in found):
            return Reply(error="not_public")
        request = self._open().build_request(
            "POST",
            url.copy_with(host=str(found[0])),
            content=body,
            headers={**headers, "Host": url.netloc.decode("ascii")},
            # The certificate has to be that of the name.
            extensions={"sni_hostname": host},
        )
        response = await self._open().send(request, stream=True)
        try:
            # The body says nothing we need, however much of it there is.
            return Reply(status=response.status_code, retry_after_s=_retry_after(response))
        finally:
            await response.aclose()

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(self._timeout_s),
                follow_redirects=False,
                # A proxy of the environment would resolve the name itself; kept connections have passed no check.
                trust_env=False,
                limits=httpx.Limits(max_keepalive_connections=0),
                verify=ssl.create_default_context(),
            )
        return self._client


async def _resolved(host: str, port: int) -> list[Address]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(address[0]).split("%")[0]) for *_, address in found]


def _retry_after(response: httpx.Response) -> int:
    value = response.headers.get("retry-after", "")
    return int(value[:9]) if value.isascii() and value.isdecimal() else 0
