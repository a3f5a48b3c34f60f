"""Tells webhooks of a desk from forged and from repeated ones. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from pydantic import SecretStr

# Chatwoot tries each delivery once and waits five seconds; clocks may differ.
WINDOW = timedelta(minutes=5)
_SECONDS = re.compile(r"\d{9,11}", re.ASCII)
_SHA256 = "sha256="
_SHA1 = "sha1="


def is_chatwoots(body: bytes, signature: str, stamp: str, secret: SecretStr, now: datetime) -> bool:
    """Tell whether `sha256=<hex>` is the HMAC of `<timestamp>.<raw body>`, and the timestamp is of these minutes."""
    whole = stamp.encode("utf-8", "replace") + b"." + body
    digest = hmac.new(secret.get_secret_value().encode(), whole, hashlib.sha256).hexdigest()
    # Compared before the time is looked at, and always: nobody learns which of the two was wrong.
    same = hmac.compare_digest(signature.encode("utf-8", "replace"), (_SHA256 + digest).encode())
    fresh = _SECONDS.fullmatch(stamp) is not None and abs(now.timestamp() - int(stamp)) <= WINDOW.total_seconds()
    return same and fresh and bool(secret.get_secret_value())


def is_zammads(body: bytes, signature: str, secret: SecretStr) -> bool:
    """Tell whether `sha1=<hex>` is the HMAC of the raw body (admin-docs.zammad.org, "Webhook")."""
    digest = hmac.new(secret.get_secret_value().encode(), body, hashlib.sha1).hexdigest()
    same = hmac.compare_digest(signature.encode("utf-8", "replace"), (_SHA1 + digest).encode())
    return same and bool(secret.get_secret_value())


def name_of(signature: str) -> str:
    """Return what a delivery is remembered by.

    Its signature, for the delivery's id stands in a header that is not signed: who repeats a delivery can change it.
    """
    return hashlib.sha256(signature.encode("utf-8", "replace")).hexdigest()
