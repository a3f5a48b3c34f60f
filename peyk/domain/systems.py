"""The systems a shop connects, as `peyk adapters` and `peyk doctor` speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SystemKind(StrEnum):
    """What a system is for; a kind is a setting of its own (`PEYK_SHOP`, `PEYK_CARRIERS`, …)."""

    SHOP = "shop"
    CARRIER = "carrier"
    PAYMENTS = "payments"
    SMS = "sms"
    CRM = "crm"


@dataclass(frozen=True, slots=True)
class Health:
    """What a look at a system has shown; None where it could not be seen or does not apply.

    `clock_s` is how many seconds its clock is ahead of ours, `sample` what was read as an example, `quota` what is
    left of it, `advice` what to do next (empty: nothing).
    """

    reachable: bool
    credentials: bool | None = None
    clock_s: float | None = None
    sample: str = ""
    quota: str = ""
    advice: str = ""

    @property
    def well(self) -> bool:
        """Whether there is nothing to do."""
        return self.reachable and self.credentials is not False and not self.advice


@dataclass(frozen=True, slots=True)
class HeldOff:
    """A system that a process does not ask for a while, and what it failed with (`kind` of an ExternalError)."""

    system: str
    process: str
    kind: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A code of a vendor that no table of ours knows, with its words at its last time; never guessed."""

    system: str
    code: str
    words: str
    times: int
    last_at: datetime
