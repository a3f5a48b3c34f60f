"""Ratings of delivered orders."""

from __future__ import annotations

import structlog

from peyk.domain.conversations import Caller
from peyk.domain.identity import Level
from peyk.domain.situations import Situation
from peyk.errors import AccessRefused, BadAnswer, NotFound, NotYet, RateLimited, Throttled, Unavailable
from peyk.ports.clock import Clock
from peyk.ports.records import Records
from peyk.services.results import TrackOutcome, TrackResult
from peyk.services.tracking import TrackOrder

log = structlog.get_logger(__name__)

LOWEST = 1
HIGHEST = 5
_FAILURES = {failure.kind: failure for failure in (NotYet, Unavailable, BadAnswer, RateLimited, AccessRefused)}


class RateOrder:
    """Keeps ratings."""

    def __init__(self, *, tracking: TrackOrder, records: Records, clock: Clock) -> None:
        self._tracking = tracking
        self._records = records
        self._clock = clock

    def rate(self, caller: Caller, order_number: str, rating: int) -> bool:
        """Keep a rating of 1 to 5; a later one of the same conversation takes its place.

        Returns False when it was not kept: not delivered, or no such rating. Raises NotFound (no such
        order), Throttled when numbers were guessed, or ExternalError when it cannot be known.
        """
        if not LOWEST <= rating <= HIGHEST:
            return False
        result = self._tracking.stage(caller, order_number)
        _raise_trouble(result)
        if result.situation is not Situation.DELIVERED or result.order_number is None:
            return False
        verified = result.level is Level.VERIFIED
        now = self._clock.now()
        self._records.ratings.save(result.order_number, rating, caller.conversation_id, verified, now)
        self._records.audit.append(
            at=now,
            conversation_id=caller.conversation_id,
            event="order.rated",
            subject=result.order_number,
            detail={"rating": str(rating), "level": str(int(result.level))},
        )
        log.info("order.rated", order=result.order_number, rating=rating)
        return True


def _raise_trouble(result: TrackResult) -> None:
    if result.outcome in (TrackOutcome.NOT_FOUND, TrackOutcome.AMBIGUOUS):
        raise NotFound("shop")
    if result.outcome is TrackOutcome.TOO_MANY:
        raise Throttled(result.scope, result.retry_after_s)
    if result.outcome.value in _FAILURES:
        raise _FAILURES[result.outcome.value](result.scope)
