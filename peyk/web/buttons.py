"""Buttons as customers' programs see them: an opaque token in the place of Rasa's payload."""

from __future__ import annotations

from typing import Any

from peyk.domain.conversations import Button, Utterance
from peyk.ports.journal import Offer
from peyk.services.buttons import new_token


def hide_payloads(messages: list[dict[str, Any]]) -> tuple[tuple[Utterance, ...], tuple[Offer, ...]]:
    """Return Rasa's messages with tokens for payloads, in buttons and in `custom.nextActions`, and what they stand for.

    The same payload has the same token throughout one answer; a next action without a payload gets that of the
    button with its title.
    """
    offers: dict[str, Offer] = {}

    def token(payload: str, title: str) -> str:
        return offers.setdefault(payload, Offer(new_token(), payload, title)).token

    def hidden(action: dict[str, Any]) -> dict[str, Any]:
        payload = action.get("payload")
        if not isinstance(payload, str) or not payload:
            return action
        return {**action, "payload": token(payload, str(action.get("title", "")))}

    shown = []
    for message in messages:
        buttons = tuple(
            Button(each["title"], token(each["payload"], each["title"])) for each in message.get("buttons", [])
        )
        custom = message.get("custom", {})
        actions = custom.get("nextActions")
        if isinstance(actions, list):
            of_button = {button.title: {"payload": button.token} for button in buttons}
            custom = {
                **custom,
                "nextActions": [of_button.get(each.get("title"), {}) | hidden(each) for each in actions],
            }
        shown.append(Utterance(message.get("text"), buttons, custom))
    return tuple(shown), tuple(offers.values())
