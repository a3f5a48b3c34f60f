"""Speaks to Zammad's REST API (docs.zammad.org/en/latest/api); no meaning.

The token goes as `Authorization: Token token=…`; it needs the permission `ticket.agent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._http import Http

SYSTEM = "zammad"
# More than ever carry the same key.
SEARCH_LIMIT = 10
# Names (`state: closed`) in the place of ids.
NAMES = {"expand": "true"}

Json = Any


@dataclass(frozen=True, slots=True)
class ZammadPlace:
    """One Zammad, the group tickets go to, and the ticket attribute that holds our key."""

    url: str
    token: SecretStr = field(repr=False)
    group: str = "Users"
    key_attribute: str = "peyk_key"
    allow_http: bool = False
    deadline_s: float = 8.0


class ZammadApi:
    """The calls that are made. Each raises what `Http.call` says, and returns JSON as it came."""

    def __init__(self, place: ZammadPlace) -> None:
        """Prepare; nothing is sent. Raises SettingsError."""
        self.group = place.group
        self.key_attribute = place.key_attribute
        self._http = Http(
            SYSTEM,
            place.url,
            HeaderAuth(SYSTEM, "Authorization", place.token, "Token token="),
            deadline_s=place.deadline_s,
            allow_http=place.allow_http,
            knows_404=True,
        )

    def tickets_where(self, attribute: str, value: str) -> Json:
        """Return tickets with exactly this value.

        Without a query Zammad asks its database, which knows a new ticket at once; with one it would ask its search
        index, which may not.
        """
        condition = {f"ticket.{attribute}": {"operator": "is", "value": value}}
        body = {"condition": condition, "limit": SEARCH_LIMIT}
        return self._http.call("POST", "/api/v1/tickets/search", body, params=NAMES)

    def search_tickets(self, words: str) -> Json:
        """Search tickets by words."""
        return self._http.get("/api/v1/tickets/search", {**NAMES, "query": words, "limit": SEARCH_LIMIT})

    def create_ticket(self, ticket: Mapping[str, Json]) -> Json:
        """Make a ticket in our group."""
        return self._http.call("POST", "/api/v1/tickets", {"group": self.group, **ticket}, params=NAMES)

    def ticket(self, ticket_id: int) -> Json:
        """Return a ticket."""
        return self._http.get(f"/api/v1/tickets/{ticket_id}", NAMES)

    def update_ticket(self, ticket_id: int, changes: Mapping[str, Json]) -> Json:
        """Change a ticket."""
        return self._http.call("PUT", f"/api/v1/tickets/{ticket_id}", dict(changes), params=NAMES)

    def articles_of(self, ticket_id: int) -> Json:
        """Return everything written in a ticket."""
        return self._http.get(f"/api/v1/ticket_articles/by_ticket/{ticket_id}")

    def add_article(self, article: Mapping[str, Json]) -> Json:
        """Write into a ticket."""
        return self._http.call("POST", "/api/v1/ticket_articles", dict(article))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
