"""What is known of the files customers and agents send. Implements the ports `FileRecords` and `EvidenceTickets`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, or_, select
from sqlalchemy.engine import Row

from peyk.domain.files import BY_CUSTOMER, StoredFile
from peyk.domain.tickets import UNRESOLVED, Attachment
from peyk.ports.files import Allowance, NewFile
from peyk.store.engine import insert_into, lock, reading, writing
from peyk.store.tables import files, ticket_files, tickets
from peyk.store.ticket_desk import StoredTickets
from peyk.store.ticket_rows import number_of

OLDEST_FIRST = (files.c.at, files.c.id)
_UNRESOLVED = sorted(state.value for state in UNRESOLVED)


class StoredFiles:
    """The files, without their bytes (the port `FileRecords`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, new: NewFile, allowance: Allowance | None) -> StoredFile | None:
        """Keep a file, or return what the same upload has become; None when `allowance` does not allow another."""
        here = new.file.conversation_id
        row = {
            "id": new.file.id,
            "conversation_id": here,
            "name": new.file.name,
            "media_type": new.file.media_type,
            "size": new.file.size,
            "sha256": new.file.sha256,
            "upload_sha256": new.upload_sha256,
            "blob": new.blob,
            "sent_by": new.file.by,
            "at": new.file.at,
        }
        with writing(self._engine) as connection:
            # Two that come side by side would each find room for one more.
            lock(connection, f"files:{here}")
            known = _same(connection, here, new.upload_sha256)
            if known is not None:
                return _file(known)
            if allowance is not None and not _allowed(connection, new.file, allowance):
                return None
            connection.execute(insert_into(connection, files).values(row))
        return new.file

    def same(self, conversation_id: str, upload_sha256: str) -> StoredFile | None:
        """Return what the same upload of this conversation has become, None when there was none."""
        with reading(self._engine) as connection:
            row = _same(connection, conversation_id, upload_sha256)
        return _file(row) if row else None

    def find(self, file_id: str) -> tuple[StoredFile, str] | None:
        """Return a file and the name of its bytes, None when there is none."""
        with reading(self._engine) as connection:
            row = connection.execute(select(files).where(files.c.id == file_id)).one_or_none()
        return (_file(row), row.blob) if row else None

    def unlinked(self, conversation_id: str, *, since: datetime) -> list[StoredFile]:
        """Return what a conversation's customer has sent since then that is attached to no ticket, oldest first."""
        query = select(files).where(
            files.c.conversation_id == conversation_id,
            files.c.sent_by == BY_CUSTOMER,
            files.c.at >= since,
            ~select(ticket_files.c.file_id).where(ticket_files.c.file_id == files.c.id).exists(),
        )
        with reading(self._engine) as connection:
            return [_file(row) for row in connection.execute(query.order_by(*OLDEST_FIRST))]

    def blobs(self, names: Collection[str]) -> set[str]:
        """Return those of the names that a file has."""
        with reading(self._engine) as connection:
            return set(connection.execute(select(files.c.blob).where(files.c.blob.in_(sorted(names)))).scalars())


class StoredEvidenceTickets:
    """The built-in help desk's tickets as evidence needs them (the port `EvidenceTickets`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tickets = StoredTickets(engine)

    def newest_unresolved(self, conversation_id: str) -> str | None:
        """Return the number of the conversation's newest ticket that is not resolved, None when there is none."""
        mine = (tickets.c.conversation_id == conversation_id) & tickets.c.state.in_(_UNRESOLVED)
        with reading(self._engine) as connection:
            newest = connection.execute(select(func.max(tickets.c.id)).where(mine)).scalar_one()
        return None if newest is None else number_of(newest)

    def attach(self, number: str, file_id: str, by: str, now: datetime) -> bool:
        """Keep a file with a ticket, once; False when it is there already, or there is no such ticket."""
        return self._tickets.attach(number, file_id, by, now)

    def attachments(self, number: str) -> list[Attachment]:
        """Return the files of a ticket and of those that were merged into it, oldest first."""
        return self._tickets.attachments(number)


def is_needed() -> ColumnElement[bool]:
    """Tell of a row of `files` that its ticket, or the one that went into, is not resolved."""
    into = tickets.alias("into")
    open_one = or_(tickets.c.state.in_(_UNRESOLVED), into.c.state.in_(_UNRESOLVED))
    both = ticket_files.join(tickets, ticket_files.c.ticket_id == tickets.c.id)
    both = both.outerjoin(into, tickets.c.merged_into == into.c.id)
    attached = select(ticket_files.c.file_id).select_from(both)
    return attached.where(ticket_files.c.file_id == files.c.id, open_one).exists()


def _same(connection: Connection, conversation_id: str, upload_sha256: str) -> Row[Any] | None:
    query = select(files).where(files.c.conversation_id == conversation_id, files.c.upload_sha256 == upload_sha256)
    return connection.execute(query).one_or_none()


def _allowed(connection: Connection, file: StoredFile, allowance: Allowance) -> bool:
    query = select(func.count(), func.coalesce(func.sum(files.c.size), 0)).where(
        files.c.conversation_id == file.conversation_id,
        files.c.sent_by == BY_CUSTOMER,
        files.c.at > file.at - allowance.span,
    )
    count, size = connection.execute(query).one()
    return bool(count < allowance.files and size + file.size <= allowance.size)


def _file(row: Row[Any]) -> StoredFile:
    return StoredFile(
        id=row.id,
        conversation_id=row.conversation_id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        at=row.at,
        by=row.sent_by,
    )
