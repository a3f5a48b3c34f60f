"""Limits on guessing order numbers and tracking codes."""

from __future__ import annotations

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
    """Counts misses per conversation, per network address and in all."""

    def __init__(self, limiter: Limiter, settings: Settings) -> None:
        self._limiter = limiter
        self._settings = settings

    def reached(self, caller: Caller) -> Throttled | None:
        """Return the limit that is used up, or None. Counts nothing."""
        try:
            for window in self._windows(caller):
                self._limiter.check(window.scope, window.key, window.limit, window.window_s)
        except Throttled as exc:
            return exc
        return None

    def miss(self, caller: Caller) -> Throttled | None:
        """Count a number that does not exist; return the limit when another call has just used it up."""
        try:
            hit_all(self._limiter, self._windows(caller))
        except Throttled as exc:
            return exc
        return None

    def _windows(self, caller: Caller) -> list[Window]:
        settings = self._settings
        span = settings.guess_window_s
        windows = [
            Window(f"{SCOPE}.conversation", caller.conversation_id, settings.guess_per_conversation, span),
            Window(f"{SCOPE}.all", EVERYBODY, settings.guess_total, span),
        ]
        if caller.address:
            windows.append(Window(f"{SCOPE}.address", caller.address, settings.guess_per_address, span))
        return windows


def hit_all(limiter: Limiter, windows: list[Window]) -> None:
    """Count one event in every window, or in none when one is used up. Raises Throttled."""
    for window in windows:
        limiter.check(window.scope, window.key, window.limit, window.window_s)
    for window in windows:
        limiter.hit(window.scope, window.key, window.limit, window.window_s)
