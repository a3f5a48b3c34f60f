"""The errors Peyk's parts raise; each one is a different sentence to the customer.

PeykError
├── SettingsError          a setting is missing or wrong; the start stops with one line
├── Throttled              our own limit (guessing, OTP sends, bursts)
└── ExternalError          a system outside Peyk
    ├── NotFound           it does not know the number
    ├── NotYet             it will know it, but has no record so far
    ├── Unavailable        down, refused, or slower than the deadline
    │   ├── NotOffered     it is there, and has nothing that could answer this
    │   └── Unsure         what was asked of it may have been done
    ├── BadAnswer          it answered something we cannot read
    ├── RateLimited        it asked us to slow down
    └── AccessRefused      it does not take our credentials
"""

from __future__ import annotations


class PeykError(Exception):
    """The base of every error Peyk raises itself."""


class SettingsError(PeykError):
    """A setting is missing or wrong; the message is one line that says how to mend it."""


class Throttled(PeykError):
    """A limit of ours is reached: `scope` names it, `retry_after_s` says when to come back."""

    def __init__(self, scope: str, retry_after_s: int) -> None:
        super().__init__(f"{scope}: try again in {retry_after_s} s")
        self.scope = scope
        self.retry_after_s = retry_after_s


class ExternalError(PeykError):
    """A system outside Peyk (`system`, e.g. `iran_post`, `shop`, `store`) did not give an answer.

    `page` is where people may see for themselves what was asked for; empty for nowhere.
    """

    kind = "unavailable"
    page = ""

    def __init__(self, system: str, detail: str = "") -> None:
        super().__init__(f"{system}: {detail}" if detail else system)
        self.system = system


class NotFound(ExternalError):
    """The system answered, and does not know the number."""

    kind = "not_found"


class NotYet(ExternalError):
    """The number is valid, but the system has no record so far (a label just printed)."""

    kind = "not_yet"


class Unavailable(ExternalError):
    """The system is down, refused the connection, or was slower than the deadline."""

    kind = "unavailable"


class NotOffered(Unavailable):
    """The system is not asked, or has answered: it has no such thing to tell, now or a minute later."""

    kind = "unavailable"


class Unsure(Unavailable):
    """The request went out and no answer came, or only that it failed: what it asked for may have been done.

    `answered` says that something came: that the server failed (5xx), without saying how far.
    """

    answered = False


class BadAnswer(ExternalError):
    """The system answered something that cannot be read: never shown as "not found"."""

    kind = "bad_answer"


class RateLimited(ExternalError):
    """The system asked us to slow down; `retry_after_s` says how long, None when it did not."""

    kind = "rate_limited"
    retry_after_s: int | None = None


class AccessRefused(ExternalError):
    """The system does not take our credentials: the shop's engineer has to see to it, waiting does not help."""

    kind = "access_refused"
