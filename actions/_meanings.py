"""What else a message may have meant: buttons to ask back with, or below an answer that was not sure."""

from __future__ import annotations

from collections.abc import Iterable

from actions._turn import Button, Turn

# These answer what was asked before; what else the word may mean is of no use then.
_ANSWERS = frozenset({"affirm", "deny", "stop"})
_QUESTIONS = frozenset({"choose", "rating"})


def meaning_buttons(intents: Iterable[str]) -> list[Button]:
    """Return a button for each meaning."""
    return [Button(f"intent_{name}", name) for name in intents]


def offer_other_meanings(turn: Turn) -> None:
    """Offer what else the message may have meant, when its answer is complete and no answer to our own question."""
    if turn.in_form or turn.follows != "action_listen" or turn.intent in _ANSWERS or turn.answers in _QUESTIONS:
        return
    if turn.other_meanings:
        turn.say("utter_general_other_meanings", buttons=meaning_buttons(turn.other_meanings))
