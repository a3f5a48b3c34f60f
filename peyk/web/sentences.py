"""The edge's own sentences, in the conversation's language."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from peyk.channels import Refused
from peyk.domain.conversations import Utterance
from peyk.i18n import localise_digits, text


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one message; `status` is as in HTTP, `retry_after_s` (0: at once) when to try again.

    `owed`: there is an answer, kept as soon as the store takes it; the same message sent again gets it then.
    """

    status: int
    utterances: Sequence[Utterance]
    retry_after_s: int = 0
    owed: bool = False


def refusal(refused: Refused, language: str) -> Answer:
    """Return the kind sentence for a message that was not passed on."""
    return Answer(refused.status, (sentence(refused, language),), refused.retry_after_s)


def sentence(refused: Refused, language: str) -> Utterance:
    """Return what a refusal says to the customer, and to programs."""
    values = {name: localise_digits(str(value), language) for name, value in refused.values.items()}
    return Utterance(text(f"edge_{refused.code}", language, **values), custom={"error": refused.code})


class Languages:
    """The languages of the latest conversations, so that a refusal needs no look into the store."""

    def __init__(self, default: str, size: int = 10_000) -> None:
        """Remember at most `size` conversations."""
        self._default = default
        self._size = size
        self._known: OrderedDict[str, str] = OrderedDict()

    def of(self, conversation_id: str | None) -> str:
        """Return the conversation's language, or the default."""
        return self.known(conversation_id) or self._default

    def known(self, conversation_id: str | None) -> str | None:
        """Return the conversation's language, or None when it is not remembered."""
        return self._known.get(conversation_id) if conversation_id else None

    def remember(self, conversation_id: str, language: str) -> None:
        """Keep the language of a conversation; the longest unused is forgotten."""
        self._known[conversation_id] = language
        self._known.move_to_end(conversation_id)
        if len(self._known) > self._size:
            self._known.popitem(last=False)
