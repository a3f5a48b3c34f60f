"""What tracking answers: an outcome, and as much as the customer's level allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from peyk.domain.identity import Level
from peyk.domain.orders import Order
from peyk.domain.payments import Payment
from peyk.domain.shipments import Tracking
from peyk.domain.situations import Situation


class TrackOutcome(StrEnum):
    """Whether there is an answer, and else why not; each is its own sentence to the customer."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    TOO_MANY = "too_many"
    NOT_YET = "not_yet"
    UNAVAILABLE = "unavailable"
    BAD_ANSWER = "bad_answer"
    RATE_LIMITED = "rate_limited"
    ACCESS_REFUSED = "access_refused"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel and what its carrier says of it.

    `tracking` is None where the carrier has said nothing; `trouble` is then the kind of ExternalError
    (None for a carrier nobody can ask). With a stale `tracking` `trouble` says why it is stale. `page` is
    where people see the parcel for themselves, whatever the carrier answers us; empty for none.
    """

    carrier: str
    code: str
    shipped_at: datetime | None
    tracking: Tracking | None
    trouble: str | None
    page: str = ""


@dataclass(frozen=True, slots=True)
class TrackResult:
    """The answer to "where is it?".

    At level 1 `order` and `payment` are None and `parcels` is empty, save for a look-up by tracking
    code: there the one parcel of that code stands, with nothing personal in it. `parcels` run from
    the oldest to the newest. `as_of` is the age of the oldest news in the answer, None when a carrier
    is down and nothing older is known. `carrier_trouble` is the kind of ExternalError a carrier failed with just now,
    None where none did. `asked_at` is when the answer was made. `scope` names the limit
    that was reached or the system that failed, `page` where people see the parcel for themselves then.
    `method` is how the mobile was proven. `shop_as_of` is when the shop last said so of the order, None where it has
    just said it.
    """

    outcome: TrackOutcome
    level: Level = Level.ANONYMOUS
    order_number: str | None = None
    situation: Situation | None = None
    order: Order | None = None
    payment: Payment | None = None
    parcels: tuple[Parcel, ...] = ()
    as_of: datetime | None = None
    carrier_trouble: str | None = None
    other_mobile: bool = False
    retry_after_s: int = 0
    scope: str = ""
    asked_at: datetime | None = None
    method: str | None = None
    page: str = ""
    shop_as_of: datetime | None = None
