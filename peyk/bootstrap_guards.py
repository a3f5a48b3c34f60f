"""The guards outside systems stand behind."""

from __future__ import annotations

from dataclasses import dataclass

from peyk.adapters._guard import PLACES, Guard
from peyk.ports.systems import SystemStates
from peyk.settings import Settings


@dataclass(frozen=True)
class Guards:
    """Makes them by the settings; what they hold off is kept in `states`."""

    settings: Settings
    states: SystemStates

    def of(self, system: str, *, deadline_s: float | None = None, at_once: int = PLACES) -> Guard:
        """Return the guard of a system; its deadline is that of a whole answer unless told otherwise."""
        return Guard(
            system,
            deadline_s=self.settings.deadline_s if deadline_s is None else deadline_s,
            failures=self.settings.breaker_failures,
            reset_s=self.settings.breaker_reset_s,
            at_once=at_once,
            states=self.states,
        )
