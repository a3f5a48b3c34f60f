"""The shop's record of its customers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from peyk.domain.contacts import Tagged


class Crm(Protocol):
    """A CRM outside. Every method may raise any ExternalError."""

    system: str

    def tag(self, tagged: Tagged, words: str) -> None:
        """Give a contact a tag, called `words` in the shop's language; again is as good as once."""
        ...


class Contacts(Protocol):
    """Peyk's own record of contacts and their tags. Every method may raise Unavailable."""

    def is_tagged(self, tagged: Tagged) -> bool:
        """Tell whether the contact is tagged for this order and reason."""
        ...

    def add(self, tagged: Tagged) -> bool:
        """Tag the contact, once per order and reason; True when it is new."""
        ...

    def of(self, mobile: str, limit: int) -> list[Tagged]:
        """Return a contact's tags, newest first."""
        ...

    def untold(self, since: datetime, limit: int) -> list[Tagged]:
        """Return the tags since a moment that the CRM outside has not taken yet, oldest first."""
        ...

    def told(self, tagged: Tagged) -> None:
        """Note that it has."""
        ...
