"""The web chat at the edge: sockets, the fallback by HTTP, and what both share (docs/webchat.md)."""

from __future__ import annotations

from peyk.web.webchat.chat import WebChat
from peyk.web.webchat.routes import WebChatChannel

__all__ = ["WebChat", "WebChatChannel"]
