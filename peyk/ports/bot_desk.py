"""A desk's own channels, in which we are the bot."""

from __future__ import annotations

from typing import Protocol

from peyk.domain.conversations import Utterance


class BotDesk(Protocol):
    """Answers customers who come by a desk's channels. Every method may raise Unavailable, RateLimited, BadAnswer."""

    system: str

    def say(self, conversation: int, utterance: Utterance) -> None:
        """Say something to the customer, with its buttons. Not looked for first: a bot may read nothing there."""
        ...

    def has_bot(self, conversation: int, assignee: int | None) -> bool | None:
        """Tell whether the bot has the conversation now; None when that may not be read there.

        It has not when somebody else than `assignee` has taken it.
        """
        ...

    def hand_over(self, conversation: int) -> None:
        """Give the conversation to people; repeats change nothing."""
        ...
