"""What the bot says, in the shape that every channel gives or renders (docs/rest.md)."""

from __future__ import annotations

from typing import Any

from peyk.domain.conversations import Utterance


def as_message(said: Utterance) -> dict[str, Any]:
    """Return an utterance as `{"text"?, "buttons"?: [{"title", "payload"}], "custom"?}`; payloads are tokens."""
    buttons = [{"title": button.title, "payload": button.token} for button in said.buttons]
    parts = {"text": said.text, "buttons": buttons, "custom": dict(said.custom)}
    return {name: part for name, part in parts.items() if part}
