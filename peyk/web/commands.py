"""Buttons the edge itself answers, whoever has the conversation: their payloads begin with `peyk:`.

A payload only ever comes from a button's token: typed text that looks like one stays text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from peyk.domain.conversations import Caller, Utterance
from peyk.ports.journal import Offer
from peyk.services.handoff import HandOff
from peyk.services.handoff_words import BEST
from peyk.services.helped import DidItHelp

PREFIX = "peyk:"
ANSWERS = frozenset({"yes", "no"})


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What is said to a command, and its buttons; `said` when it stands in the journal already."""

    utterances: tuple[Utterance, ...] = ()
    offers: tuple[Offer, ...] = ()
    said: bool = False


# Takes the parts of the payload after the command's name; None when they mean nothing (any more).
Handler = Callable[[Caller, Sequence[str]], CommandResult | None]


class Commands:
    """What the edge's own buttons do. Handlers block, and may be run again with the same arguments."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        """Take the handlers by the name that follows `peyk:`."""
        self._handlers = dict(handlers)

    def run(self, caller: Caller, payload: str) -> CommandResult | None:
        """Do what a payload says; None when nobody knows it. May raise ExternalError."""
        name, *arguments = payload.removeprefix(PREFIX).split(":")
        handler = self._handlers.get(name)
        return handler(caller, arguments) if handler else None


def is_command(payload: str | None) -> bool:
    """Tell whether a button's payload is for the edge and not for Rasa."""
    return payload is not None and payload.startswith(PREFIX)


def handoff_commands(people: HandOff) -> dict[str, Handler]:
    """Return the commands of hand-offs: back to the assistant, and how the help was."""

    def back_to_bot(caller: Caller, _: Sequence[str]) -> CommandResult:
        said, utterance = people.back_to_bot(caller.conversation_id)
        return CommandResult((utterance,), said=said)

    def csat(caller: Caller, arguments: Sequence[str]) -> CommandResult | None:
        numbers = [int(each) for each in arguments if each.isascii() and each.isdecimal()]
        if len(numbers) != 2 or not 1 <= numbers[1] <= BEST:
            return None
        thanks = people.rate(caller.conversation_id, *numbers)
        return CommandResult((thanks,)) if thanks else None

    return {"back_to_bot": back_to_bot, "csat": csat}


def ticket_commands(did_it_help: DidItHelp, language_of: Callable[[str], str]) -> dict[str, Handler]:
    """Return the command of tickets: did it help?"""

    def helped(caller: Caller, arguments: Sequence[str]) -> CommandResult | None:
        if len(arguments) != 2 or arguments[1] not in ANSWERS:
            return None
        result = did_it_help.helped(caller, arguments[0], yes=arguments[1] == "yes")
        return CommandResult((Utterance(result.words(language_of(caller.conversation_id))),))

    return {"helped": helped}
