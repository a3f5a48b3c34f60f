"""The web chat: who a browser is, what it may send, what it gets (docs/webchat.md)."""

from __future__ import annotations

CHANNEL = "webchat"
