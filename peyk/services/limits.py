"""Limits on guessing order numbers and tracking codes."""

from __future__ import annotations

from peyk.domain.conversations import Caller
from peyk.errors import Throttled
from peyk.ports.records import Limiter, Window
from peyk.settings import Settings

SCOPE = "order_guess"
EVERYBODY = "all"


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
            self._limiter.check(self._misses(caller) + self._hits(caller))
        except Throttled as exc:
            return exc
        return None

    def miss(self, caller: Caller) -> Throttled | None:
        """Count a number that does not exist; return the limit when another call has just used it up."""
        try:
            self._limiter.hit(self._misses(caller))
        except Throttled as exc:
            return exc
        return None

    def found(self, caller: Caller, number: str) -> Throttled | None:
        """Count an existing number or code that is not proven to be the caller's; return the limit as `miss` does.

        Only different ones count: the same number again costs a conversation nothing, and customers who share
        an address with many others use it up only by asking for many different orders.
        """
        try:
            self._limiter.hit(self._hits(caller), once=number)
        except Throttled as exc:
            return exc
        return None

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
