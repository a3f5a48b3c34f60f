"""Buttons as customers' programs see them: an opaque token in the place of Rasa's payload."""

from __future__ import annotations

import secrets
from typing import Any

# 12 bytes are 16 characters: far below the 64 bytes Telegram allows.
TOKEN_BYTES = 12


def new_token() -> str:
    """Return a token nobody can guess: `b:` and 16 URL-safe characters."""
    return "b:" + secrets.token_urlsafe(TOKEN_BYTES)


def hide_payloads(messages: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the messages with tokens for payloads, in buttons and in `custom.nextActions`, and token → payload.

    The same payload has the same token throughout one answer; a next action without a payload gets that of the
    button with its title.
    """
    tokens: dict[str, str] = {}

    def hidden(offer: dict[str, Any]) -> dict[str, Any]:
        payload = offer.get("payload")
        if not isinstance(payload, str) or not payload:
            return offer
        return {**offer, "payload": tokens.setdefault(payload, new_token())}

    shown = []
    for said in messages:
        message = dict(said)
        if "buttons" in message:
            message["buttons"] = [hidden(button) for button in message["buttons"]]
        actions = message.get("custom", {}).get("nextActions")
        if isinstance(actions, list):
            of_button = {button["title"]: {"payload": button["payload"]} for button in message.get("buttons", [])}
            hidden_actions = [of_button.get(a.get("title"), {}) | hidden(a) for a in actions]
            message["custom"] = {**message["custom"], "nextActions": hidden_actions}
        shown.append(message)
    return shown, {token: payload for payload, token in tokens.items()}
