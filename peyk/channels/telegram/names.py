"""Our own names for what a bot's updates name: nobody can choose or guess them, and no two bots share one. Pure."""

from __future__ import annotations

import hashlib
import hmac

from pydantic import SecretStr

CHANNEL = "telegram"


class Names:
    """The names of one bot at one API: chat and update ids of another are another's."""

    def __init__(self, secret_key: SecretStr, api_url: str, token: SecretStr) -> None:
        """Take the secret key; of the token only the bot's number counts, so that a new token changes nothing."""
        self._key = secret_key.get_secret_value().encode()
        self._bot = f"{api_url}\0{token.get_secret_value().partition(':')[0]}"

    def conversation_id(self, chat_id: int) -> str:
        """Return the id of the conversation in a chat."""
        return "t-" + self._hash("conversation", str(chat_id))

    def key(self, update_id: int) -> str:
        """Return the inbox's key of an update."""
        return f"{self._hash('bot', '')[:12]}:{update_id}"

    def webhook_secret(self) -> SecretStr:
        """Return what the API shows us with every update: letters and digits."""
        return SecretStr(self._hash("webhook", ""))

    def _hash(self, purpose: str, value: str) -> str:
        name = "\0".join((CHANNEL, purpose, self._bot, value))
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:40]


def message_id(key: str) -> str:
    """Return the message id of the turn that an update's key begins."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]
