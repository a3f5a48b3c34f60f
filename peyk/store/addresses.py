"""Where channels that push find their customers. Implements the port `Addresses`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, or_, select, update

from peyk.ports.addresses import Address
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import channel_addresses as addresses

# Often enough to know who is there, without a write for every message.
SEEN_EVERY = timedelta(days=1)


class StoredAddresses:
    """The customers of channels that push (the port `Addresses`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def arrived(self, channel: str, conversation_id: str, address: str, now: datetime) -> Address:
        """Note that something came from there; the customer can be reached again."""
        known = self._row(conversation_id)
        forgotten = known is not None and known.seen_at <= now - SEEN_EVERY
        if known is None or known.gone_at is not None or forgotten or known.address != address:
            row = {"conversation_id": conversation_id, "channel": channel, "address": address, "seen_at": now}
            with writing(self._engine) as connection:
                statement = insert_into(connection, addresses).values(row)
                change: dict[str, Any] = {"address": address, "seen_at": now, "gone_at": None}
                if forgotten:
                    # Who has not answered the question for the mobile is asked again on another day.
                    change["asked_for"] = None
                connection.execute(statement.on_conflict_do_update(index_elements=["conversation_id"], set_=change))
        found = _address(known, conversation_id, address)
        return replace(found, asked_for=None) if forgotten else found

    def find(self, conversation_id: str) -> Address | None:
        """Return where the customer is, None when that is not known."""
        row = self._row(conversation_id)
        return _address(row, conversation_id, row.address, row.gone_at) if row else None

    def gone(self, conversation_id: str, now: datetime) -> bool:
        """Note that nothing reaches the customer; True for exactly one caller until the customer writes again."""
        return self._change(conversation_id, addresses.c.gone_at.is_(None), gone_at=now)

    def ask(self, conversation_id: str, order: str | None) -> None:
        """Remember for which order the mobile is asked for."""
        self._change(conversation_id, asked_for=order)

    def tell(self, conversation_id: str, now: datetime) -> None:
        """Remember that the customer has been told what is told once."""
        self._change(conversation_id, told_at=now)

    def claim(self, conversation_id: str, process: str, *, now: datetime, until: datetime) -> bool:
        """Have the right to bring messages there until `until`; False while another process has it."""
        free = or_(
            addresses.c.pushing_until.is_(None), addresses.c.pushing_until <= now, addresses.c.pushed_by == process
        )
        return self._change(conversation_id, free, pushed_by=process, pushing_until=until)

    def release(self, conversation_id: str, process: str) -> None:
        """Give the right back."""
        self._change(conversation_id, addresses.c.pushed_by == process, pushed_by=None, pushing_until=None)

    def _row(self, conversation_id: str) -> Any:
        with reading(self._engine) as connection:
            query = select(addresses).where(addresses.c.conversation_id == conversation_id)
            return connection.execute(query).one_or_none()

    def _change(self, conversation_id: str, *where: Any, **values: Any) -> bool:
        change = update(addresses).where(addresses.c.conversation_id == conversation_id, *where).values(**values)
        with writing(self._engine) as connection:
            return bool(connection.execute(change).rowcount)


def _address(row: Any, conversation_id: str, address: str, gone_at: datetime | None = None) -> Address:
    asked_for, told = (row.asked_for, row.told_at is not None) if row else (None, False)
    return Address(conversation_id, address, gone_at, asked_for, told)
