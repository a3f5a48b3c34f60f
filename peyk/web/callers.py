"""Which program a request comes from, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr
from starlette.requests import Request

from peyk.channels import Refused
from peyk.channels import rest as channel
from peyk.domain.api_keys import Scope, owner_of
from peyk.ports import Clock
from peyk.ports.rest import ApiKeys, RestBook
from peyk.web.memory import Memory

NOTED_FOR = timedelta(days=1)
MOST_NOTED = 10_000


@dataclass
class Callers:
    """Knows programs by their keys, and remembers whose sender a conversation is."""

    api_keys: ApiKeys
    book: RestBook
    memory: Memory
    clock: Clock
    secret_key: SecretStr
    demo: bool
    _noted: dict[str, datetime] = field(default_factory=dict)

    async def owner(self, request: Request, scope: Scope) -> str:
        """Return who owns the request's senders: its key; in demo mode, where none is asked for, the demo.

        Raises Refused for no key in force (401) and for one without the scope (403).
        """
        if self.demo:
            return channel.DEMO_OWNER
        key = _key(request)
        known = await self.memory.run(lambda: self.api_keys.find(key)) if key else None
        if known is None:
            raise Refused("unauthorized", 401)
        if scope not in known.scopes:
            raise Refused("forbidden", 403, scope=scope.value)
        return owner_of(known.id)

    def conversation_id(self, owner: str, sender: str) -> str:
        """Return the id of the conversation of an owner's sender."""
        return channel.conversation_id(self.secret_key, owner, sender)

    async def note(self, conversation_id: str, owner: str, sender: str) -> None:
        """Remember whose a conversation is: the webhooks are told its sender."""
        now = self.clock.now()
        if self._noted.get(conversation_id, now - NOTED_FOR) > now - NOTED_FOR:
            return
        await self.memory.run(lambda: self.book.note_sender(conversation_id, owner, sender, now))
        self._noted[conversation_id] = now
        if len(self._noted) > MOST_NOTED:
            self._noted.pop(next(iter(self._noted)))

    async def claim(self, owner: str, message: channel.RestMessage) -> None:
        """Take the message's id as an idempotency key. Raises Refused (422) when it was another message's."""
        key, now = channel.hashed_message_id(message.message_id or ""), self.clock.now()
        fingerprint = channel.fingerprint(self.secret_key, message)
        if not await self.memory.run(lambda: self.book.claim(owner, key, fingerprint, now)):
            raise Refused("key_reused", 422)


def _key(request: Request) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return request.headers.get("x-api-key", "").strip()
