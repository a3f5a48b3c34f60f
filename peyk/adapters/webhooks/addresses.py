"""Where webhooks may go: the public internet by https, and what a setting allows.

An address given by a program must not make Peyk knock at the machines behind it.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from peyk.errors import SettingsError

Address = IPv4Address | IPv6Address
MAX_URL_CHARS = 2000
# Everything public is in it; names of IPv4 addresses that a gateway would take there (64:ff9b::/96, ::/96) are not.
PUBLIC_IPV6 = IPv6Network("2000::/3")


class WebhookAddresses:
    """The rules (the port `AddressRules`): `allowed` networks may be private; the demo also tells this machine."""

    def __init__(self, allowed: str, *, demo: bool) -> None:
        """Take addresses and networks separated by commas. Raises SettingsError for what is neither."""
        try:
            self._allowed = [ip_network(part.strip(), strict=False) for part in allowed.split(",") if part.strip()]
        except ValueError as exc:
            raise SettingsError(f"PEYK_WEBHOOK_ALLOW: {exc}") from None
        self._demo = demo

    def refusal(self, url: str) -> str | None:
        """Return in a word why an address may not be told, None when it may (as far as it can be seen in it)."""
        parts = _parts(url)
        if (
            parts is None
            or not parts.hostname
            or parts.username is not None
            or parts.password is not None
            or parts.fragment
        ):
            return "bad_url"
        literal = _literal(parts.hostname)
        if parts.scheme == "http":
            local = parts.hostname == "localhost" or (literal is not None and literal.is_loopback)
            return None if self._demo and local else "not_https"
        if parts.scheme != "https":
            return "not_https"
        return "not_public" if literal is not None and not self.may_reach(literal) else None

    def may_reach(self, address: Address) -> bool:
        """Tell whether a resolved address may be connected to."""
        address = _plain(address)
        if any(address in network for network in self._allowed):
            return True
        if self._demo and address.is_loopback:
            return True
        if isinstance(address, IPv6Address) and (address not in PUBLIC_IPV6 or address.sixtofour or address.teredo):
            return False
        return address.is_global and not address.is_multicast


def _parts(url: str) -> SplitResult | None:
    visible = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not visible or len(url) > MAX_URL_CHARS:
        return None
    try:
        parts = urlsplit(url)
        # Reading it is the check.
        _ = parts.port
    except ValueError:
        return None
    return parts


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return None


def _plain(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
