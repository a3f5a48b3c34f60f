"""Trying again: pauses that grow, one log line for a series of failures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True)
class Timing:
    """How time passes, in seconds."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


class Patience:
    """Waits after failures, twice as long after each, a minute at most."""

    def __init__(self, timing: Timing, event: str) -> None:
        """Begin well; `event` names the failures in the log."""
        self._timing = timing
        self._event = event
        self._pause_s = FIRST_PAUSE_S
        self._failing = False

    async def failed(self, exc: Exception) -> None:
        """Wait before the next try; only the first failure of a series is logged."""
        if not self._failing:
            log.warning(self._event, error=str(exc))
        self._failing = True
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, LONGEST_PAUSE_S)
        await self._timing.sleep(pause_s)

    def well(self) -> None:
        """Note that it works; the next failure is the first of a new series."""
        if self._failing:
            log.info("again.well", event_before=self._event)
        self._failing = False
        self._pause_s = FIRST_PAUSE_S
