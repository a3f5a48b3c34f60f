"""Which conversation a browser speaks in: a signed token, good for one conversation and 30 days."""

from __future__ import annotations

import hashlib
import re
import secrets

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from pydantic import SecretStr

from peyk.ports import Clock

# As long as the history is kept.
TTL_S = 30 * 24 * 3600
SALT = "peyk.webchat.session"
# Ours have about 110 characters; longer ones are not worth a signature.
MAX_TOKEN_CHARS = 300
ID_BYTES = 20
CONVERSATION = re.compile(r"w-[0-9a-f]{40}", re.ASCII)


class Sessions:
    """Makes and reads tokens. A client never names a conversation: it only gives back what was signed here."""

    def __init__(self, secret_key: SecretStr, clock: Clock) -> None:
        """Take the key that signs, and the time."""

        class Stamped(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock.now().timestamp())

        self._serializer: URLSafeTimedSerializer = URLSafeTimedSerializer(
            secret_key.get_secret_value(),
            salt=SALT,
            signer=Stamped,
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def begin(self) -> str:
        """Return the id of a new conversation, which nobody can guess."""
        return f"w-{secrets.token_hex(ID_BYTES)}"

    def token(self, conversation_id: str) -> str:
        """Return a token for a conversation; its 30 days begin now."""
        return self._serializer.dumps(conversation_id)

    def conversation(self, token: str | None) -> str | None:
        """Return the conversation a token was made for; None for a forged, foreign or expired one."""
        if not token or len(token) > MAX_TOKEN_CHARS or not token.isascii():
            return None
        try:
            found = self._serializer.loads(token, max_age=TTL_S)
        except BadData:
            return None
        return found if isinstance(found, str) and CONVERSATION.fullmatch(found) else None
