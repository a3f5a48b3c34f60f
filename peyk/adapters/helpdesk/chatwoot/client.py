"""Speaks to Chatwoot's Application API (developers.chatwoot.com/api-reference); no meaning.

The token goes in the header `api_access_token`. It is a user's: a bot's token may write messages, toggle the status
and set attributes, but read nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._http import Http

SYSTEM = "chatwoot"
TOKEN_HEADER = "api_access_token"

Json = Any


@dataclass(frozen=True, slots=True)
class ChatwootPlace:
    """One account of one Chatwoot, and the API inbox in it that is ours (0: none)."""

    url: str
    token: SecretStr = field(repr=False)
    account: int
    inbox: int = 0
    allow_http: bool = False
    deadline_s: float = 8.0


class ChatwootApi:
    """The calls that are made. Each raises what `Http.call` says, and returns JSON as it came."""

    def __init__(self, place: ChatwootPlace) -> None:
        """Prepare; nothing is sent. Raises SettingsError."""
        self.inbox = place.inbox
        self._http = Http(
            SYSTEM,
            place.url,
            HeaderAuth(SYSTEM, TOKEN_HEADER, place.token),
            deadline_s=place.deadline_s,
            allow_http=place.allow_http,
            knows_404=True,
        )
        self._account = f"/api/v1/accounts/{place.account}"

    def search_contacts(self, words: str) -> Json:
        """Search contacts by identifier, telephone number, name or e-mail (15 a page; ours are unique)."""
        return self._get("/contacts/search", {"q": words})

    def create_contact(self, contact: Mapping[str, Json]) -> Json:
        """Make a contact with a place in our inbox."""
        return self._post("/contacts", {"inbox_id": self.inbox, **contact})

    def conversations_of(self, contact_id: int) -> Json:
        """Return a contact's conversations."""
        return self._get(f"/contacts/{contact_id}/conversations")

    def create_conversation(self, conversation: Mapping[str, Json]) -> Json:
        """Begin a conversation in our inbox."""
        return self._post("/conversations", {"inbox_id": self.inbox, **conversation})

    def conversation(self, conversation_id: int) -> Json:
        """Return a conversation."""
        return self._get(f"/conversations/{conversation_id}")

    def messages(self, conversation_id: int, *, before: int | None = None) -> Json:
        """Return the newest messages (20 at a time), or those before an id; oldest first."""
        return self._get(f"/conversations/{conversation_id}/messages", {"before": before} if before else None)

    def add_message(self, conversation_id: int, message: Mapping[str, Json]) -> Json:
        """Add a message."""
        return self._post(f"/conversations/{conversation_id}/messages", message)

    def toggle_status(self, conversation_id: int, status: str) -> Json:
        """Set the status: open, pending, snoozed or resolved."""
        return self._post(f"/conversations/{conversation_id}/toggle_status", {"status": status})

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _get(self, path: str, params: Mapping[str, str | int] | None = None) -> Json:
        return self._http.get(self._account + path, params)

    def _post(self, path: str, body: Mapping[str, Json]) -> Json:
        return self._http.call("POST", self._account + path, dict(body))
