"""Buttons of what Peyk itself says: an opaque token in the place of what they do."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from peyk.domain.conversations import Button
from peyk.ports.journal import Offer

# 12 bytes are 16 characters: far below the 64 bytes Telegram allows.
TOKEN_BYTES = 12


def new_token() -> str:
    """Return a token nobody can guess: `b:` and 16 URL-safe characters."""
    return "b:" + secrets.token_urlsafe(TOKEN_BYTES)


def offered(buttons: Sequence[tuple[str, str]]) -> tuple[tuple[Button, ...], tuple[Offer, ...]]:
    """Return buttons, given as (title, payload), as they are shown, and what stands behind them."""
    offers = tuple(Offer(new_token(), payload, title) for title, payload in buttons)
    return tuple(Button(offer.title, offer.token) for offer in offers), offers
