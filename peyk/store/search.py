"""Finds conversations by what operators have at hand."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select
from sqlalchemy.engine import Row

from peyk.domain.conversations import Owner, Ownership
from peyk.ports.staff import Found
from peyk.store.engine import reading
from peyk.store.identity import hidden_mobile
from peyk.store.tables import conversations, journal, tickets, verifications
from peyk.store.ticket_rows import number_of, row_of

MIN_CHARS = 3
ESCAPE = "\\"


class StoredSearch:
    """Searches tickets, proofs and the journal (the port `Search`)."""

    def __init__(self, engine: Engine, secret_key: str) -> None:
        """Take the store, and the key of the mobiles that were proven once."""
        self._engine = engine
        self._secret_key = secret_key

    def find(self, words: str, *, mobile: str | None, limit: int) -> list[Found]:
        """Return conversations with an order or ticket number, a (normalised) mobile, or the words; newest first."""
        words = words.strip()
        if len(words) < MIN_CHARS and not mobile:
            return []
        found: dict[str, Found] = {}
        with reading(self._engine) as connection:
            hidden = hidden_mobile(self._secret_key, mobile) if mobile else None
            for query in _queries(words, mobile, hidden, limit):
                for row in connection.execute(query):
                    found.setdefault(row.conversation_id, _found(row))
        return sorted(found.values(), key=lambda each: each.at, reverse=True)[:limit]


def _queries(words: str, mobile: str | None, hidden: str | None, limit: int) -> list[Select[tuple[object, ...]]]:
    owner = (conversations.c.owner, conversations.c.agent, conversations.c.owned_since, conversations.c.channel)
    by_ticket = (
        select(
            tickets.c.conversation_id,
            tickets.c.updated_at.label("at"),
            tickets.c.note.label("excerpt"),
            tickets.c.id.label("ticket"),
            tickets.c.order_number,
            *owner,
        )
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .where(or_(*_ticket_terms(words, mobile)))
        .order_by(tickets.c.id.desc())
        .limit(limit)
    )
    said = select(
        journal.c.conversation_id,
        journal.c.at,
        journal.c.text.label("excerpt"),
        *owner,
    ).join(conversations, conversations.c.id == journal.c.conversation_id)
    if mobile:
        proven = said.join(verifications, verifications.c.conversation_id == conversations.c.id)
        is_theirs = verifications.c.mobile.in_([mobile, hidden])
        return [by_ticket, proven.where(is_theirs, journal.c.seq == conversations.c.last_seq)]
    pattern = f"%{_escaped(words.lower())}%"
    by_words = said.where(func.lower(journal.c.text).like(pattern, escape=ESCAPE))
    # Several entries of one conversation may fit: a few more are read than are shown.
    return [by_ticket, by_words.order_by(journal.c.at.desc()).limit(limit * 5)]


def _ticket_terms(words: str, mobile: str | None) -> list[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = [tickets.c.order_number == words.upper()]
    if (row := row_of(words)) > 0:
        terms.append(tickets.c.id == row)
    if mobile:
        terms.append(tickets.c.mobile == mobile)
    return terms


def _escaped(words: str) -> str:
    for sign in (ESCAPE, "%", "_"):
        words = words.replace(sign, ESCAPE + sign)
    return words


def _found(row: Row[tuple[object, ...]]) -> Found:
    kept = row._mapping
    ticket = kept.get("ticket")
    return Found(
        conversation_id=kept["conversation_id"],
        ownership=Ownership(Owner(kept["owner"]), kept["agent"], kept["owned_since"]),
        channel=kept["channel"],
        at=kept["at"],
        excerpt=kept["excerpt"] or "",
        ticket_number=None if ticket is None else number_of(ticket),
        order_number=kept.get("order_number"),
    )
