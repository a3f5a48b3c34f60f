"""What adapters are given in tests."""

from __future__ import annotations

from pydantic import SecretStr

from peyk.adapters.plugin import Parts
from peyk.domain.systems import UnknownCode
from peyk.errors import BadAnswer, ExternalError, RateLimited, Unavailable
from tests.fakes.vendor_http import Fault
from tests.unit.services.fakes import FakeClock

# What every vendor's fault comes out as.
FAULTS: dict[Fault, type[ExternalError]] = {
    Fault.RATE_LIMITED: RateLimited,
    Fault.SERVER_ERROR: Unavailable,
    Fault.BAD_GATEWAY: Unavailable,
    Fault.HTML: BadAnswer,
    Fault.REDIRECT: BadAnswer,
    Fault.SLOW: Unavailable,
    Fault.RESET: Unavailable,
    Fault.CUT_OFF: Unavailable,
    Fault.TRUNCATED: BadAnswer,
    Fault.HUGE: BadAnswer,
    Fault.EMPTY: BadAnswer,
    Fault.ERROR_BODY: BadAnswer,
    Fault.ENCODING: BadAnswer,
    Fault.WRONG_TYPES: BadAnswer,
    Fault.MISSING_FIELDS: BadAnswer,
}


class CountedCodes:
    """Remembers which codes nobody knew (the port `UnknownCodes`)."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, str, str]] = []

    def count(self, system: str, code: str, words: str) -> None:
        self.codes.append((system, code, words))

    def all(self, limit: int = 100) -> list[UnknownCode]:
        return []


def parts_for_tests(clock: FakeClock | None = None, *, deadline_s: float = 1.0, tries: int = 1) -> Parts:
    """Return parts whose deadline is short, so that a slow server costs no patience."""
    return Parts(
        clock=clock or FakeClock(),
        unknown=CountedCodes(),
        secret_key=SecretStr("k" * 40),
        deadline_s=deadline_s,
        tries=tries,
    )
