"""What else a message may have meant: buttons to ask back with, or below an answer that was not sure."""

from __future__ import annotations

from collections.abc import Iterable

from actions._turn import LISTEN, Button, Turn
from actions._wishes import ACTIONS, NO_OFFER_AFTER, asks

# By another action than the rules name a message was taken for the answer to a question, whatever it looks like.
_DIRECT = ACTIONS | dict.fromkeys(("greet", "ask_capabilities", "bot_challenge", "out_of_scope"), "action_chat")


def meaning_buttons(turn: Turn, intents: Iterable[str]) -> list[Button]:
    """Return a button for each meaning; what is then pressed is said with the words of this message."""
    buttons = [Button(f"intent_{name}", name) for name in intents]
    if buttons:
        turn.set_slots(meaning_words=turn.words or None)
    return buttons


def offer_other_meanings(turn: Turn, action: str) -> None:
    """Offer below the answer of `action` what else the message may have meant.

    Not below a question of ours, nor when something has been done: a button does not undo it.
    """
    direct = turn.follows == LISTEN and _DIRECT.get(turn.intent) == action
    if not direct or turn.acted or turn.intent in NO_OFFER_AFTER or asks(turn):
        return
    shown = set(turn.payloads)
    others = [
        name
        for name in turn.other_meanings
        if ACTIONS.get(name) != action and Button(f"intent_{name}", name).payload() not in shown
    ]
    if others:
        turn.say("utter_general_other_meanings", buttons=meaning_buttons(turn, others))
