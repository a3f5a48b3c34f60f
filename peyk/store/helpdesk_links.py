"""Mirrors of our tickets at an outside help desk. Implements the port `Links`.

Nothing has to be put into a queue when a ticket is opened or moved: what is to be done is found by comparing the
tickets with what both sides last agreed on, so it cannot be lost, whoever changes a ticket.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, exists, or_, select, update
from sqlalchemy.engine import Row

from peyk.domain.outside import OutsideNote
from peyk.domain.tickets import UNRESOLVED, TicketState
from peyk.ports.mirror import Claim, Link
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import helpdesk_links, helpdesk_notes, tickets
from peyk.store.ticket_rows import number_of, row_of

KEY_DIGITS = 12
MAX_ERROR = 200
NOTHING = ""
LINK = (*helpdesk_links.c,)


class StoredLinks:
    """The mirrors (the port `Links`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, system: str, now: datetime, *, lease: timedelta, limit: int) -> list[Claim]:
        """Take mirrors that are due, for `lease`; unresolved tickets that have none get one."""
        with reading(self._engine) as connection:
            # Most of the time there is nothing, and on SQLite every writer waits for every other.
            if not _unmirrored(connection, system, 1) and not connection.execute(_due(system, now, 1)).first():
                return []
        with writing(self._engine) as connection:
            rows = [_new(row, system) for row in _unmirrored(connection, system, limit)]
            if rows:
                connection.execute(insert_into(connection, helpdesk_links).on_conflict_do_nothing(), rows)
            # A row that another process is taking is not waited for; on SQLite there is no other.
            due = connection.execute(_due(system, now, limit).with_for_update(skip_locked=True, of=helpdesk_links))
            found = due.all()
            ids = [row.ticket_id for row in found]
            taken = (helpdesk_links.c.system == system) & helpdesk_links.c.ticket_id.in_(ids)
            connection.execute(update(helpdesk_links).where(taken).values(held_until=now + lease))
            notes = _waiting_notes(connection, ids)
        return [Claim(_link(row), tuple(notes[row.ticket_id])) for row in found]

    def asking(self, link: Link) -> None:
        """Note that the ticket is about to be made outside."""
        self._set(link, asked=True)

    def linked(self, link: Link, external_id: str) -> None:
        """Note the ticket's id outside."""
        self._set(link, external_id=external_id)

    def note_added(self, link: Link, key: str, now: datetime) -> None:
        """Note that a note is outside; what it said is forgotten."""
        change = update(helpdesk_notes).where(helpdesk_notes.c.key == key).values(sent_at=now, text=NOTHING)
        with writing(self._engine) as connection:
            connection.execute(change)

    def agreed(
        self, link: Link, our_state: TicketState, their_state: str, now: datetime, next_at: datetime | None
    ) -> None:
        """Note that both sides agree; let go of the mirror."""
        self._set(
            link,
            our_state=our_state.value,
            their_state=their_state,
            attempts=0,
            error=NOTHING,
            held_until=None,
            look_at=next_at,
            synced_at=now,
        )

    def failed(self, link: Link, error: str, next_at: datetime) -> None:
        """Note a failure; try again at `next_at`."""
        self._set(link, attempts=link.attempts + 1, error=error[:MAX_ERROR], held_until=next_at)

    def nudge(self, system: str, external_id: str, now: datetime) -> bool:
        """Have a mirror looked at now; False when the ticket outside is no mirror of ours."""
        known = (helpdesk_links.c.system == system) & (helpdesk_links.c.external_id == external_id)
        with writing(self._engine) as connection:
            return bool(connection.execute(update(helpdesk_links).where(known).values(look_at=now)).rowcount)

    def put_note(self, ticket_number: str, note: OutsideNote, now: datetime) -> bool:
        """Keep a note for the ticket's mirror; False when its key was there before, or there is no such ticket."""
        # PostgreSQL takes no null character in a text.
        content = note.text.replace("\x00", "")
        row = {"key": note.key, "text": content, "internal": note.internal, "at": now}
        with writing(self._engine) as connection:
            ticket = connection.execute(select(tickets.c.id).where(tickets.c.id == row_of(ticket_number))).scalar()
            if ticket is None:
                return False
            statement = insert_into(connection, helpdesk_notes).values(ticket_id=ticket, **row)
            once = statement.on_conflict_do_nothing().returning(helpdesk_notes.c.id)
            return connection.execute(once).scalar_one_or_none() is not None

    def all(self, system: str, *, limit: int) -> list[Link]:
        """Return the mirrors, those in trouble first, then the newest."""
        order = (helpdesk_links.c.attempts.desc(), helpdesk_links.c.ticket_id.desc())
        return self._links(helpdesk_links.c.system == system, *order, limit=limit)

    def of(self, ticket_number: str) -> list[Link]:
        """Return a ticket's mirrors."""
        return self._links(helpdesk_links.c.ticket_id == row_of(ticket_number), helpdesk_links.c.system, limit=10)

    def _links(self, which: ColumnElement[bool], *order: Any, limit: int) -> list[Link]:
        query = select(*LINK).where(which).order_by(*order).limit(limit)
        with reading(self._engine) as connection:
            return [_link(row) for row in connection.execute(query)]

    def _set(self, link: Link, **values: Any) -> None:
        which = (helpdesk_links.c.system == link.system) & (helpdesk_links.c.ticket_id == row_of(link.ticket_number))
        with writing(self._engine) as connection:
            connection.execute(update(helpdesk_links).where(which).values(**values))


def _due(system: str, now: datetime, limit: int) -> Any:
    """Return the query for mirrors with something to be done that nobody holds."""
    waits = exists().where(helpdesk_notes.c.ticket_id == helpdesk_links.c.ticket_id, helpdesk_notes.c.sent_at.is_(None))
    needed = or_(
        helpdesk_links.c.our_state.is_distinct_from(tickets.c.state),
        helpdesk_links.c.look_at <= now,
        waits,
    )
    free = or_(helpdesk_links.c.held_until.is_(None), helpdesk_links.c.held_until <= now)
    return (
        select(*LINK)
        .join_from(helpdesk_links, tickets, tickets.c.id == helpdesk_links.c.ticket_id)
        .where(and_(helpdesk_links.c.system == system, free, needed))
        .order_by(helpdesk_links.c.ticket_id)
        .limit(limit)
    )


def _unmirrored(connection: Connection, system: str, limit: int) -> Sequence[Row[Any]]:
    """Return unresolved tickets without a mirror: those of before the desk was connected too."""
    known = exists().where(helpdesk_links.c.ticket_id == tickets.c.id, helpdesk_links.c.system == system)
    query = select(tickets).where(tickets.c.state.in_(sorted(UNRESOLVED)), ~known).order_by(tickets.c.id)
    return connection.execute(query.limit(limit)).all()


def _new(ticket: Row[Any], system: str) -> dict[str, Any]:
    return {"ticket_id": ticket.id, "system": system, "key": _key(ticket)}


def _key(ticket: Row[Any]) -> str:
    """Return what the ticket is found by: of another installation, or of a store made anew, another."""
    whole = f"{ticket.id}\0{ticket.conversation_id}\0{ticket.created_at.isoformat()}"
    return f"{number_of(ticket.id)}-{hashlib.sha256(whole.encode()).hexdigest()[:KEY_DIGITS]}"


def _waiting_notes(connection: Connection, ids: Sequence[int]) -> dict[int, list[OutsideNote]]:
    waits = helpdesk_notes.c.ticket_id.in_(ids) & helpdesk_notes.c.sent_at.is_(None)
    notes: dict[int, list[OutsideNote]] = defaultdict(list)
    for row in connection.execute(select(helpdesk_notes).where(waits).order_by(helpdesk_notes.c.id)):
        notes[row.ticket_id].append(OutsideNote(row.key, row.text, row.internal))
    return notes


def _link(row: Row[Any]) -> Link:
    return Link(
        ticket_number=number_of(row.ticket_id),
        system=row.system,
        key=row.key,
        external_id=row.external_id,
        our_state=TicketState(row.our_state) if row.our_state else None,
        their_state=row.their_state,
        attempts=row.attempts,
        asked=row.asked,
        error=row.error,
        synced_at=row.synced_at,
        next_at=row.held_until if row.attempts else row.look_at,
    )
