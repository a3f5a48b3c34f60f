"""The audit: append-only rows, each chained to the one before by HMAC.

Row n's MAC is over row n-1's MAC and row n's own content. The head keeps how many rows there are and
the last MAC, under a MAC of its own, so that cutting rows off the end shows too. What cannot show is
putting back an older copy of rows and head together, or emptying both: keep backups elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.engine import Row

from peyk.store.engine import insert_into, lock, reading, writing
from peyk.store.tables import audit, audit_head

HEAD_ID = 1
GENESIS = ""
# The link of the first row after a head that is missing or not ours: the chain goes on, and the break stays visible.
BROKEN = "broken"
BATCH = 1000


@dataclass(frozen=True, slots=True)
class FirstBroken:
    """The first place where the chain does not hold: a row's number and what is wrong there."""

    seq: int
    reason: str


class StoredAudit:
    """Appends rows (the port `AuditLog`); safe under concurrent processes."""

    def __init__(self, engine: Engine, key: str) -> None:
        """Take the database, and the secret that signs the chain (`settings.secret_key`)."""
        self._engine = engine
        self._key = _audit_key(key)

    def append(
        self, *, at: datetime, conversation_id: str, event: str, subject: str, detail: Mapping[str, str]
    ) -> None:
        """Add a row. `event` is dotted (`otp.sent`, `order.shown`); no full phone, code or address in it."""
        text = json.dumps(dict(detail), ensure_ascii=False, sort_keys=True)
        with writing(self._engine) as connection:
            lock(connection, "audit")
            count, link = self._end(connection)
            row = {"seq": count + 1, "at": at, "conversation_id": conversation_id, "event": event}
            mac = _row_mac(self._key, link, count + 1, at, conversation_id, event, subject, text)
            connection.execute(insert(audit).values(**row, subject=subject, detail=text, mac=mac))
            head = {"rows": count + 1, "last_mac": mac, "mac": _head_mac(self._key, count + 1, mac)}
            statement = insert_into(connection, audit_head).values(id=HEAD_ID, **head)
            connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=head))

    def _end(self, connection: Connection) -> tuple[int, str]:
        """Return the number of the last row and the link to it.

        A head that is not ours must not be trusted: signing on after it would make a forgery good.
        """
        head = _head(connection)
        last_seq = connection.execute(select(func.max(audit.c.seq))).scalar_one()
        if head is None and last_seq is None:
            return 0, GENESIS
        if head is None or not hmac.compare_digest(_head_mac(self._key, head.rows, head.last_mac), head.mac):
            return last_seq or 0, BROKEN
        return max(head.rows, last_seq or 0), head.last_mac


def verify(engine: Engine, key: str) -> FirstBroken | None:
    """Return the first row that was edited, deleted, inserted, moved or cut off, or None when the chain holds."""
    signing = _audit_key(key)
    count, link = 0, GENESIS
    # One transaction sees rows and head of the same moment, however many rows are added meanwhile.
    with reading(_of_one_moment(engine)) as connection:
        for row in connection.execute(select(audit).order_by(audit.c.seq).execution_options(yield_per=BATCH)):
            count += 1
            if row.seq != count:
                return FirstBroken(count, f"missing: the next row is {row.seq}")
            mac = _row_mac(signing, link, row.seq, row.at, row.conversation_id, row.event, row.subject, row.detail)
            if not hmac.compare_digest(mac, row.mac):
                return FirstBroken(count, "does not follow from the row before: edited, moved or put in")
            link = row.mac
        head = _head(connection)
    return _broken_head(signing, head, count, link)


def _broken_head(key: bytes, head: Row[Any] | None, count: int, link: str) -> FirstBroken | None:
    if head is None:
        return FirstBroken(count, "the head is missing") if count else None
    if not hmac.compare_digest(_head_mac(key, head.rows, head.last_mac), head.mac):
        return FirstBroken(count, "the head was edited")
    if (head.rows, head.last_mac) != (count, link):
        return FirstBroken(min(count, head.rows) + 1, f"cut off: the head knows {head.rows} rows, there are {count}")
    return None


def _of_one_moment(engine: Engine) -> Engine:
    # SQLite's read transactions are so by themselves.
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


def _head(connection: Connection) -> Row[Any] | None:
    query = select(audit_head).where(audit_head.c.id == HEAD_ID)
    return connection.execute(query).one_or_none()


def _audit_key(secret: str) -> bytes:
    # A key of its own: the same secret also hashes one-time codes.
    return hmac.new(secret.encode(), b"peyk audit chain", hashlib.sha256).digest()


def _row_mac(
    key: bytes, link: str, seq: int, at: datetime, conversation_id: str, event: str, subject: str, detail: str
) -> str:
    return _mac(key, ["row", link, seq, at.astimezone(UTC).isoformat(), conversation_id, event, subject, detail])


def _head_mac(key: bytes, rows: int, last_mac: str) -> str:
    return _mac(key, ["head", rows, last_mac])


def _mac(key: bytes, content: list[str | int]) -> str:
    return hmac.new(key, json.dumps(content).encode(), hashlib.sha256).hexdigest()
