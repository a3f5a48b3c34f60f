"""Where a request comes from, as far as it can be believed; only a keyed hash goes further."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from pydantic import SecretStr
from starlette.requests import HTTPConnection

from peyk.errors import SettingsError

Address = IPv4Address | IPv6Address
# One customer is usually given a /64.
IPV6_PREFIX = 64


class ClientAddresses:
    """Finds the client's address: `X-Forwarded-For` counts only as far as trusted proxies wrote it."""

    def __init__(self, trusted_proxies: str, secret_key: SecretStr) -> None:
        """Take addresses and networks separated by commas. Raises SettingsError for what is neither."""
        try:
            parts = [part.strip() for part in trusted_proxies.split(",")]
            self._trusted = [ip_network(part, strict=False) for part in parts if part]
        except ValueError as exc:
            raise SettingsError(f"PEYK_TRUSTED_PROXIES: {exc}") from None
        self._key = secret_key.get_secret_value().encode()

    def hashed(self, connection: HTTPConnection) -> str:
        """Return the keyed hash of the client's address."""
        address = self.of(connection)
        if isinstance(address, IPv6Address):
            name = str(IPv6Network((address, IPV6_PREFIX), strict=False))
        else:
            name = str(address)
        return hmac.new(self._key, b"address\0" + name.encode(), hashlib.sha256).hexdigest()[:32]

    def of(self, connection: HTTPConnection) -> Address | None:
        """Return the client's address: the nearest one that is not a trusted proxy; None without a network peer."""
        nearest = _parsed(connection.client.host) if connection.client else None
        forwarded = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
        while nearest is not None and self._is_trusted(nearest) and forwarded:
            before = _parsed(forwarded.pop())
            if before is None:
                break
            nearest = before
        return nearest

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _parsed(value: str) -> Address | None:
    try:
        address = ip_address(value.strip().removeprefix("[").split("]")[0].split("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
