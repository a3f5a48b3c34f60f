"""Messages that leave Peyk towards a customer's phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from peyk.domain.code_sends import CodeSend, SendState


class Messenger(Protocol):
    """Sends a one-time code to a mobile."""

    def send_code(self, mobile: str, code: str, language: str, key: str) -> bool:
        """Send `code` once per `key`, however often it is called with the same key.

        Returns whether the shop's mail address of the mobile, known or not, had a part in it: then nobody may be told
        that a text message is on its way, nor that a mail is. Raises any ExternalError when nobody has taken it; what
        may arrive all the same is as good as sent.
        """
        ...


@dataclass(frozen=True, slots=True)
class Handed:
    """What a vendor says when it takes a message: its own id of it, and its price where it tells.

    `by_mail` says that it goes to the mail address the shop knows of the mobile. `taken` is False where there is none,
    or nobody takes mails there: then the next vendor is asked, and who wants the code hears the same as everybody.
    """

    message_id: str
    cost_rial: int | None = None
    by_mail: bool = False
    taken: bool = True


class CodeSender(Protocol):
    """One vendor that brings codes to phones. Every method may raise any ExternalError.

    `cost_rial` is what a message costs where the vendor does not say, None where nobody has told.
    """

    system: str

    @property
    def cost_rial(self) -> int | None:
        """Return the price of a message in rial."""
        ...

    def send(self, mobile: str, code: str, language: str) -> Handed:
        """Hand a code over."""
        ...

    def delivery(self, message_id: str) -> SendState:
        """Return how far a message has come."""
        ...


class CodeSends(Protocol):
    """What was sent, for all processes. Every method may raise Unavailable."""

    def begin(self, key: str, now: datetime, dead_after_s: float) -> bool:
        """Take the key; False when it is taken: sent, or being sent by a process that is not dead yet."""
        ...

    def done(self, key: str, system: str, handed: Handed | None, cost_rial: int) -> None:
        """Note who has taken it, None where nobody knows whether it did; of several vendors each counts."""
        ...

    def give_up(self, key: str) -> None:
        """Let the key go: nobody has taken the message."""
        ...

    def spent(self, since: datetime) -> tuple[int, int]:
        """Return how many messages were sent since a moment, and what they cost in rial."""
        ...

    def open(self, since: datetime) -> list[CodeSend]:
        """Return what was handed over since a moment and has not been heard of."""
        ...

    def settle(self, key: str, state: SendState) -> None:
        """Note how a message ended."""
        ...
