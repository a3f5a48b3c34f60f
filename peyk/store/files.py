"""What is known of the files customers and agents send. Implements the ports `FileRecords` and `OpenTickets`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, String, cast, func, literal, select
from sqlalchemy.engine import Row

from peyk.domain.files import BY_CUSTOMER, StoredFile
from peyk.domain.tickets import TicketState
from peyk.ports.files import Allowance, NewFile
from peyk.store.engine import insert_into, lock, reading, writing
from peyk.store.tables import file_links, files, tickets
from peyk.store.tickets import FIRST_NUMBER, PREFIX

OLDEST_FIRST = (files.c.at, files.c.id)


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

    def link(self, ticket_number: str, file_ids: Collection[str]) -> None:
        """Attach files to a ticket, each once."""
        # From the files that there are: one may just have been forgotten.
        wanted = select(files.c.id, literal(ticket_number)).where(files.c.id.in_(sorted(file_ids)))
        with writing(self._engine) as connection:
            statement = insert_into(connection, file_links).from_select(["file_id", "ticket_number"], wanted)
            connection.execute(statement.on_conflict_do_nothing(index_elements=["file_id", "ticket_number"]))

    def of_ticket(self, ticket_number: str) -> list[StoredFile]:
        """Return the files attached to a ticket, oldest first."""
        query = select(files).join(file_links).where(file_links.c.ticket_number == ticket_number)
        with reading(self._engine) as connection:
            return [_file(row) for row in connection.execute(query.order_by(*OLDEST_FIRST))]

    def unlinked(self, conversation_id: str, *, since: datetime) -> list[StoredFile]:
        """Return what a conversation's customer has sent since then that is attached to no ticket, oldest first."""
        query = select(files).where(
            files.c.conversation_id == conversation_id,
            files.c.sent_by == BY_CUSTOMER,
            files.c.at >= since,
            ~select(file_links.c.file_id).where(file_links.c.file_id == files.c.id).exists(),
        )
        with reading(self._engine) as connection:
            return [_file(row) for row in connection.execute(query.order_by(*OLDEST_FIRST))]

    def blobs(self, names: Collection[str]) -> set[str]:
        """Return those of the names that a file has."""
        with reading(self._engine) as connection:
            return set(connection.execute(select(files.c.blob).where(files.c.blob.in_(sorted(names)))).scalars())


class StoredOpenTickets:
    """The built-in help desk's tickets that evidence may belong to (the port `OpenTickets`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest_unresolved(self, conversation_id: str) -> str | None:
        """Return the number of the conversation's newest ticket that is not resolved, None when there is none."""
        query = select(func.max(tickets.c.id)).where(tickets.c.conversation_id == conversation_id, _unresolved())
        with reading(self._engine) as connection:
            newest = connection.execute(query).scalar_one()
        return None if newest is None else f"{PREFIX}{FIRST_NUMBER - 1 + newest}"


def is_needed() -> ColumnElement[bool]:
    """Tell of a row of `files` that it belongs to a ticket that is not resolved."""
    number = literal(PREFIX).concat(cast(tickets.c.id + (FIRST_NUMBER - 1), String))
    linked = select(file_links.c.file_id).join(tickets, number == file_links.c.ticket_number)
    return linked.where(file_links.c.file_id == files.c.id, _unresolved()).exists()


def _unresolved() -> ColumnElement[bool]:
    return tickets.c.state != TicketState.RESOLVED.value


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
