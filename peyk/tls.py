"""The certificates the clients of this process trust, read once."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """Return what httpx trusts by itself, whatever the environment says."""
    # Every client would read them anew, also those that speak plain HTTP on loopback: 30 ms and a megabyte each.
    return httpx.create_ssl_context(trust_env=False)
