"""Who is asking: mobiles, verification levels and the states of a one-time code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

# Iranian mobiles in national form, everything else in E.164 (ITU-T E.164: at most 15 digits).
MOBILE = re.compile(r"09\d{9}|\+[1-9]\d{6,14}", re.ASCII)


class Level(IntEnum):
    """What the customer has proven; see docs/design (1 stage only, 2 full details)."""

    ANONYMOUS = 1
    VERIFIED = 2


class OtpOutcome(StrEnum):
    """What happened to a one-time code; each is its own sentence to the customer."""

    SENT = "sent"
    RESENT = "resent"
    MAILED = "mailed"
    REMAILED = "remailed"
    TOO_SOON = "too_soon"
    TOO_MANY = "too_many"
    BAD_MOBILE = "bad_mobile"
    WRONG = "wrong"
    EXPIRED = "expired"
    LOCKED = "locked"
    NOTHING_PENDING = "nothing_pending"
    VERIFIED = "verified"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class OtpResult:
    """The outcome, with what the sentence needs: tries left, seconds to wait, the mobile in question.

    `pending` says that an unexpired code of this conversation is still waiting to be typed.
    """

    outcome: OtpOutcome
    mobile: str | None = None
    tries_left: int = 0
    retry_after_s: int = 0
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """A mobile proven in one conversation until `expires_at` (UTC); `method` is "otp" or "telegram"."""

    conversation_id: str
    mobile: str
    method: str
    expires_at: datetime


def is_mobile(value: str) -> bool:
    """Tell whether `value` is a mobile in the normalised form the store keeps."""
    return MOBILE.fullmatch(value) is not None
