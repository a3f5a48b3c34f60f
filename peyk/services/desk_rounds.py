"""One round of work at an outside desk: what is due, one after the other, and how long to wait after a failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from peyk.errors import ExternalError, RateLimited, Unavailable

T = TypeVar("T")


def work_through(due: Sequence[T], work: Callable[[T], None], later: Callable[[T, ExternalError], None]) -> int:
    """Work on all that is due, and put off what fails; return how many. Raises Unavailable("store")."""
    trouble: ExternalError | None = None
    for each in due:
        if trouble is not None:
            # A desk that is down or asks for a pause is not asked about everything else.
            later(each, trouble)
            continue
        try:
            work(each)
        except ExternalError as exc:
            if exc.system == "store":
                raise
            later(each, exc)
            trouble = exc if isinstance(exc, (Unavailable, RateLimited)) else None
    return len(due)


def pause(attempts: int, exc: ExternalError, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return how long to wait after a failure: twice as long after each, and as long as the desk asks for."""
    wait: timedelta = min(first * 2 ** min(attempts, 10), longest)
    if isinstance(exc, RateLimited) and exc.retry_after_s:
        return max(wait, timedelta(seconds=exc.retry_after_s))
    return wait
