"""Contacts and their tags (the port `Contacts`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, select, update

from peyk.domain.contacts import Tag, Tagged
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import contact_tags


class StoredContacts:
    """Keeps them, by the mobile the customer has proven."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def is_tagged(self, tagged: Tagged) -> bool:
        """Tell whether the contact is tagged for this order and reason."""
        with reading(self._engine) as connection:
            return connection.execute(select(contact_tags.c.at).where(_the(tagged))).first() is not None

    def add(self, tagged: Tagged) -> bool:
        """Tag the contact, once per order and reason; True when it is new."""
        row = {
            "mobile": tagged.mobile,
            "order_number": tagged.order_number,
            "reason": tagged.reason,
            "tag": tagged.tag.value,
            "at": tagged.at,
        }
        with writing(self._engine) as connection:
            once = insert_into(connection, contact_tags).values(row).on_conflict_do_nothing()
            return connection.execute(once.returning(contact_tags.c.at)).first() is not None

    def of(self, mobile: str, limit: int) -> list[Tagged]:
        """Return a contact's tags, newest first."""
        query = select(contact_tags).where(contact_tags.c.mobile == mobile).order_by(contact_tags.c.at.desc())
        return self._read(query.limit(limit))

    def untold(self, since: datetime, limit: int) -> list[Tagged]:
        """Return the tags since a moment that the CRM outside has not taken yet, oldest first."""
        waits = contact_tags.c.told.is_(False) & (contact_tags.c.at >= since)
        return self._read(select(contact_tags).where(waits).order_by(contact_tags.c.at).limit(limit))

    def told(self, tagged: Tagged) -> None:
        """Note that it has."""
        with writing(self._engine) as connection:
            connection.execute(update(contact_tags).where(_the(tagged)).values(told=True))

    def _read(self, query: Select[Any]) -> list[Tagged]:
        with reading(self._engine) as connection:
            return [
                Tagged(row.mobile, row.order_number, row.reason, Tag(row.tag), row.at)
                for row in connection.execute(query)
            ]


def _the(tagged: Tagged) -> ColumnElement[bool]:
    return (
        (contact_tags.c.mobile == tagged.mobile)
        & (contact_tags.c.order_number == tagged.order_number)
        & (contact_tags.c.reason == tagged.reason)
    )
