"""What arrives by each way becomes one `Incoming`, and what the bot says becomes that way's answer."""

from __future__ import annotations

from peyk.channels.incoming import Incoming, Refused

__all__ = ["Incoming", "Refused"]
