"""What the Bot API may refuse, beside what any system outside may do.

ExternalError
├── Unavailable
│   └── Unanswered       the request has gone out, no answer came: what it asked for may have been done
├── NotFound             a file that is not there any more
├── RateLimited
│   └── SlowDown         429: `retry_after_s` says when to come back
└── Refusal              the API understood and will not
    ├── BadRequest       400: the request is wrong, or too late
    ├── WrongToken       401: no bot has this token
    ├── ChatGone         403: blocked by the customer, or the account is deleted; nothing reaches this chat any more
    ├── Conflict         409: a webhook is set, or another process polls
    └── TooBig           the file is larger than we take
"""

from __future__ import annotations

from peyk.errors import ExternalError, RateLimited, Unavailable


class Unanswered(Unavailable):
    """The request may have been carried out; the Bot API has no key against repeats, so judge before retrying."""


class SlowDown(RateLimited):
    """Too many requests; nothing of this chat before `retry_after_s` (whole seconds, at least 1) have passed."""

    retry_after_s: int

    def __init__(self, system: str, retry_after_s: int) -> None:
        super().__init__(system, f"retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Refusal(ExternalError):
    """The API said no, in its own words (without the token)."""

    kind = "refused"


class BadRequest(Refusal):
    """The request is wrong or came too late; the same again will be refused again."""


class WrongToken(Refusal):
    """There is no bot with this token."""


class ChatGone(Refusal):
    """Nothing can be sent to this chat any more, until its customer writes again."""


class Conflict(Refusal):
    """Updates are fetched elsewhere: by a webhook or another poller."""


class TooBig(Refusal):
    """A file is larger than the limit."""
