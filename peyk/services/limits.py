"""Limits on guessing order numbers and tracking codes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from peyk.domain.conversations import Caller
from peyk.errors import Throttled
from peyk.ports.records import Limiter
from peyk.settings import Settings

SCOPE = "order_guess"
EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Window:
    """One counter: at most `limit` events of `scope` and `key` in `window_s`."""

    scope: str
    key: str
    limit: int
    window_s: int


class Guesses:
    """Counts misses, and the orders of others that were found.

    Misses count per conversation, per network address and in all; what was found only for the first two:
    a busy shop's customers must not block each other.
    """

    def __init__(self, limiter: Limiter, settings: Settings) -> None:
        self._limiter = limiter
        self._settings = settings

    def reached(self, caller: Caller) -> Throttled | None:
        """Return the limit that is used up, or None. Counts nothing."""
        try:
            check_all(self._limiter, self._misses(caller) + self._hits(caller))
        except Throttled as exc:
            return exc
        return None

    def miss(self, caller: Caller) -> Throttled | None:
        """Count a number that does not exist; return the limit when another call has just used it up."""
        try:
            hit_all(self._limiter, self._misses(caller))
        except Throttled as exc:
            return exc
        return None

    def found(self, caller: Caller, number: str) -> Throttled | None:
        """Count an existing number or code that is not proven to be the caller's; return the limit as `miss` does.

        Only different ones count: the same number again costs a conversation nothing, and customers who share
        an address with many others use it up only by asking for many different orders.
        """
        try:
            for window in self._hits(caller):
                if self._is_new(window, number):
                    self._limiter.hit(window.scope, window.key, window.limit, window.window_s)
        except Throttled as exc:
            return exc
        return None

    def _is_new(self, window: Window, number: str) -> bool:
        known = hashlib.sha256(f"{window.scope}\0{window.key}\0{number}".encode()).hexdigest()
        try:
            self._limiter.hit(f"{SCOPE}.known", known, 1, window.window_s)
        except Throttled:
            return False
        return True

    def _hits(self, caller: Caller) -> list[Window]:
        settings = self._settings
        span = settings.guess_window_s
        windows = [
            Window(f"{SCOPE}.hit_conversation", caller.conversation_id, settings.guess_hits_per_conversation, span)
        ]
        if caller.address:
            windows.append(Window(f"{SCOPE}.hit_address", caller.address, settings.guess_hits_per_address, span))
        return windows

    def _misses(self, caller: Caller) -> list[Window]:
        settings = self._settings
        span = settings.guess_window_s
        windows = [
            Window(f"{SCOPE}.conversation", caller.conversation_id, settings.guess_per_conversation, span),
            Window(f"{SCOPE}.all", EVERYBODY, settings.guess_total, span),
        ]
        if caller.address:
            windows.append(Window(f"{SCOPE}.address", caller.address, settings.guess_per_address, span))
        return windows


def check_all(limiter: Limiter, windows: list[Window]) -> None:
    """Count nothing; raise Throttled when one window is used up."""
    for window in windows:
        limiter.check(window.scope, window.key, window.limit, window.window_s)


def hit_all(limiter: Limiter, windows: list[Window]) -> None:
    """Count one event in every window, or in none when one is used up. Raises Throttled."""
    check_all(limiter, windows)
    for window in windows:
        limiter.hit(window.scope, window.key, window.limit, window.window_s)
