"""What the services keep: codes, proofs, limits, ratings, last good answers, the audit.

The store implements these; services see nothing else of it. Every method may raise
Unavailable("store") when the database is locked or away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from peyk.domain.identity import Verification
from peyk.domain.shipments import Tracking


@dataclass(frozen=True, slots=True)
class OtpChallenge:
    """A one-time code that was asked for; the code itself is kept only as a keyed hash."""

    conversation_id: str
    mobile: str
    code_hash: str
    sent_at: datetime
    expires_at: datetime
    tries_left: int


class OtpChallenges(Protocol):
    """The newest challenge of each conversation: at most one is open."""

    def replace(self, challenge: OtpChallenge) -> None:
        """Make `challenge` the conversation's only open one; an older one is void from now on."""
        ...

    def current(self, conversation_id: str) -> OtpChallenge | None:
        """Return the open challenge of a conversation (it may have expired or be out of tries), or None."""
        ...

    def use(self, conversation_id: str, code_hash: str, now: datetime) -> OtpChallenge | None:
        """Spend the open challenge if `code_hash` is its own, it has tries left and has not expired.

        Returns the challenge that was spent, else None after taking one try away. One atomic step:
        of two concurrent calls with the right hash one succeeds.
        """
        ...

    def void(self, conversation_id: str) -> None:
        """Forget the open challenge, if any."""
        ...


class Verifications(Protocol):
    """Mobiles proven in conversations."""

    def grant(self, verification: Verification) -> None:
        """Keep a proof; it takes the place of an older one of the same conversation."""
        ...

    def current(self, conversation_id: str, now: datetime) -> Verification | None:
        """Return the conversation's proof while it has not expired, else None."""
        ...


# What the scopes of vendors' budgets begin with: their windows may be longer than a day, and are nobody's data.
PACE_SCOPE = "pace."


@dataclass(frozen=True, slots=True)
class Window:
    """One counter: at most `limit` events of `scope` and `key` in `window_s`. A scope has one `window_s`."""

    scope: str
    key: str
    limit: int
    window_s: int


class Limiter(Protocol):
    """Counts events in sliding windows; survives restarts, shared by all processes."""

    def check(self, windows: Sequence[Window]) -> None:
        """Raise Throttled(scope, retry_after_s) of the first window that is used up. One look, counts nothing."""
        ...

    def hit(self, windows: Sequence[Window], *, once: str | None = None) -> None:
        """Count one event in every window, or raise Throttled of one that is used up and count in none. Atomic.

        With `once` a window that has counted the same `once` in its time is left out, neither counted nor judged;
        where all have, nothing is written. What `once` was cannot be read from what is kept.
        """
        ...


class Ratings(Protocol):
    """Ratings of delivered orders."""

    def save(self, order_number: str, rating: int, conversation_id: str, verified: bool, at: datetime) -> bool:
        """Keep a rating of 1 to 5; a later one of the same conversation replaces it. True when it is the first."""
        ...


class TrackingSnapshots(Protocol):
    """The last good answer of a carrier for a code."""

    def save(self, tracking: Tracking) -> None:
        """Keep `tracking` as the last good answer for its carrier and code."""
        ...

    def last(self, carrier: str, code: str) -> Tracking | None:
        """Return the last good answer, as it was saved, or None."""
        ...


class AuditLog(Protocol):
    """What was shown to whom: append only, each row chained to the one before by HMAC."""

    def append(
        self, *, at: datetime, conversation_id: str, event: str, subject: str, detail: Mapping[str, str]
    ) -> None:
        """Add a row; `event` is dotted (`otp.sent`). Nothing in it may be a full phone, code or address."""
        ...


@dataclass(frozen=True, slots=True)
class Records:
    """All of the above, as the services are given them."""

    otp: OtpChallenges
    verifications: Verifications
    limiter: Limiter
    ratings: Ratings
    snapshots: TrackingSnapshots
    audit: AuditLog
