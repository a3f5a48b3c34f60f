"""Hand-offs to people of the shop. Implements the port `Handoffs`.

Every change begins with the conversation's row, as the journal's do: none comes between a change of hands and what is
decided from who has it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.engine import Row

from peyk.domain.conversations import Owner
from peyk.domain.handoff import Case, Handoff, HandoffReason, HandoffRequest, Note, Packet
from peyk.domain.queues import Priority, Queue
from peyk.store import handoff_rows as rows
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import conversations, handoff_notes, handoffs, ticks


class StoredHandoffs:
    """Hand-offs, at most one open a conversation (the port `Handoffs`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prepare(self, request: HandoffRequest, now: datetime) -> Handoff | None:
        """Keep a hand-off, or return the open one of the same conversation; None for a conversation nobody knows."""
        with writing(self._engine) as connection:
            here = rows.lock_conversation(connection, request.conversation_id)
            if here is None:
                return None
            known = rows.open_row(connection, request.conversation_id)
            with_bot = here.owner == Owner.BOT.value
            if known is not None and with_bot and _began(known, here.owned_since):
                _close(connection, known.id, now)
                known = None
            if known is not None and not with_bot:
                return rows.read_handoff(known)
            values = _values(request, here, now)
            change = insert(handoffs) if known is None else update(handoffs).where(handoffs.c.id == known.id)
            row = connection.execute(change.values(values).returning(*handoffs.c)).one()
        return rows.read_handoff(row)

    def current(self, conversation_id: str) -> Handoff | None:
        """Return the open hand-off of a conversation, else its last, else None."""
        newest = handoffs.c.closed_at.is_(None).desc(), handoffs.c.id.desc()
        query = select(handoffs).where(handoffs.c.conversation_id == conversation_id).order_by(*newest).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return rows.read_handoff(row) if row else None

    def ahead_of(self, handoff: Handoff) -> list[Handoff]:
        """Return what waits in the same queue and comes before `handoff`."""
        query = (
            select(handoffs)
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .where(rows.OPEN, handoffs.c.queue == handoff.queue.value, handoffs.c.id != handoff.id)
            .where(conversations.c.owner == Owner.QUEUE.value)
        )
        with reading(self._engine) as connection:
            waiting = [rows.read_handoff(row) for row in connection.execute(query)]
        return [each for each in waiting if each.rank < handoff.rank]

    def recent_waits(self, queue: Queue, since: datetime, limit: int) -> list[tuple[datetime, datetime]]:
        """Return (asked for, taken) of the newest that were taken in a queue."""
        query = (
            select(handoffs.c.requested_at, handoffs.c.taken_at)
            .where(handoffs.c.queue == queue.value, handoffs.c.taken_at >= since)
            .order_by(handoffs.c.taken_at.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [(row.requested_at, row.taken_at) for row in connection.execute(query)]

    def cases(self) -> list[Case]:
        """Return every open hand-off with its conversation."""
        with reading(self._engine) as connection:
            return [rows.read_case(row) for row in connection.execute(rows.open_cases())]

    def taken(self, conversation_id: str, agent: str, now: datetime) -> None:
        """Remember that an agent has the conversation; the first time counts for waiting times."""
        first, began = func.coalesce(handoffs.c.taken_at, now), func.coalesce(handoffs.c.began_at, now)
        self._change_open(conversation_id, agent=agent, taken_at=first, began_at=began)

    def answered(self, conversation_id: str, now: datetime) -> None:
        """Remember the first word of a person."""
        self._change_open(conversation_id, first_answer_at=func.coalesce(handoffs.c.first_answer_at, now))

    def move(self, conversation_id: str, queue: Queue) -> None:
        """Put the open hand-off into another queue."""
        self._change_open(conversation_id, queue=queue.value)

    def summarise(self, conversation_id: str, summary: str) -> None:
        """Keep what the customer is told at the end."""
        self._change_open(conversation_id, summary=summary.replace("\x00", ""))

    def close(self, conversation_id: str, now: datetime) -> bool:
        """Close the open hand-off once the bot has the conversation; False when there is none, or people have it."""
        with writing(self._engine) as connection:
            here = rows.lock_conversation(connection, conversation_id)
            known = rows.open_row(connection, conversation_id)
            if here is None or known is None or here.owner != Owner.BOT.value:
                return False
            _close(connection, known.id, now)
        return True

    def reconcile(self, now: datetime, *, unused_before: datetime) -> int:
        """Make hand-offs agree with who has the conversations; return how many did not."""
        with reading(self._engine) as connection:
            of_cases = connection.execute(rows.open_cases()).all()
            people_have = select(conversations.c.id).where(conversations.c.owner != Owner.BOT.value)
            orphans = people_have.where(conversations.c.id.not_in(select(handoffs.c.conversation_id).where(rows.OPEN)))
            found = {*_disagreeing(of_cases, unused_before), *connection.execute(orphans).scalars()}
        return sum(self._mend(conversation_id, now, unused_before) for conversation_id in sorted(found))

    def rate(self, conversation_id: str, handoff_id: int, stars: int) -> bool:
        """Keep what the customer thinks of it; a later word counts. False when it is not this conversation's."""
        own = (handoffs.c.id == handoff_id) & (handoffs.c.conversation_id == conversation_id)
        with writing(self._engine) as connection:
            return connection.execute(update(handoffs).where(own).values(csat=stars)).rowcount > 0

    def unsettled(self, conversation_id: str) -> bool:
        """Tell whether Rasa has not yet been told that the conversation was in other hands."""
        untold = (handoffs.c.conversation_id == conversation_id) & handoffs.c.settled_at.is_(None)
        with reading(self._engine) as connection:
            return connection.execute(select(handoffs.c.id).where(untold).limit(1)).first() is not None

    def settled(self, conversation_id: str, now: datetime) -> None:
        """Remember that Rasa has been told."""
        untold = (handoffs.c.conversation_id == conversation_id) & handoffs.c.settled_at.is_(None)
        with writing(self._engine) as connection:
            connection.execute(update(handoffs).where(untold).values(settled_at=now))

    def add_note(self, conversation_id: str, agent: str, text: str, now: datetime) -> None:
        """Keep a note; a conversation nobody knows has none."""
        row = {"conversation_id": conversation_id, "agent": agent, "text": text.replace("\x00", ""), "at": now}
        with writing(self._engine) as connection:
            if rows.lock_conversation(connection, conversation_id) is not None:
                connection.execute(insert(handoff_notes).values(row))

    def notes(self, conversation_id: str) -> list[Note]:
        """Return the notes on a conversation, oldest first."""
        query = select(handoff_notes).where(handoff_notes.c.conversation_id == conversation_id)
        with reading(self._engine) as connection:
            found = connection.execute(query.order_by(handoff_notes.c.id))
            return [Note(row.id, row.conversation_id, row.agent, row.text, row.at) for row in found]

    def _change_open(self, conversation_id: str, **values: Any) -> None:
        with writing(self._engine) as connection:
            rows.lock_conversation(connection, conversation_id)
            open_one = (handoffs.c.conversation_id == conversation_id) & rows.OPEN
            connection.execute(update(handoffs).where(open_one).values(**values))

    def _mend(self, conversation_id: str, now: datetime, unused_before: datetime) -> bool:
        """Look again, now that nobody else can change it, and make the hand-off agree; False when it does."""
        with writing(self._engine) as connection:
            here = rows.lock_conversation(connection, conversation_id)
            known = rows.open_row(connection, conversation_id)
            if here is None:
                return False
            if here.owner == Owner.BOT.value:
                if known is None or not (_began(known, here.owned_since) or known.requested_at < unused_before):
                    return False
                _close(connection, known.id, now, began=_began(known, here.owned_since))
            elif known is None:
                packet = Packet(language=here.language or "fa", channel=here.channel)
                lost = HandoffRequest(conversation_id, HandoffReason.ASKED, Queue.L1, Priority.NORMAL, packet)
                connection.execute(insert(handoffs).values({**_values(lost, here, now), "began_at": now}))
            elif _unnoted(known, here.owner):
                connection.execute(update(handoffs).where(handoffs.c.id == known.id).values(_noted(here, now)))
            else:
                return False
        return True


class StoredTicks:
    """Whose turn a regular task is (the port `Ticks`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, name: str, now: datetime, until: datetime) -> bool:
        """Take `name` until a moment; False while somebody else has it."""
        with writing(self._engine) as connection:
            statement = insert_into(connection, ticks).values(name=name, claimed_until=until)
            free = statement.on_conflict_do_update(
                index_elements=["name"], set_={"claimed_until": until}, where=ticks.c.claimed_until <= now
            )
            return connection.execute(free.returning(ticks.c.name)).first() is not None


def _values(request: HandoffRequest, here: Row[Any], now: datetime) -> dict[str, Any]:
    return {
        "conversation_id": request.conversation_id,
        "reason": request.reason.value,
        "queue": request.queue.value,
        "priority": int(request.priority),
        "requested_at": now,
        "after_seq": here.last_seq,
        "packet": rows.write_packet(request.packet),
        "ticket_number": request.ticket_number,
        "settled_at": None,
    }


def _close(connection: Connection, handoff_id: int, now: datetime, *, began: bool = True) -> None:
    begun = {"began_at": func.coalesce(handoffs.c.began_at, now)} if began else {}
    connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(closed_at=now, **begun))


def _disagreeing(of_cases: Any, unused_before: datetime) -> list[str]:
    found = []
    for row in of_cases:
        with_bot, began = row.owner == Owner.BOT.value, _began(row, row.owned_since)
        if (began or row.requested_at < unused_before) if with_bot else _unnoted(row, row.owner):
            found.append(row.conversation_id)
    return found


def _began(row: Row[Any], owned_since: datetime | None) -> bool:
    """Tell whether the conversation has changed hands for a hand-off, noted or not: a crash may have come between."""
    return row.began_at is not None or (owned_since is not None and owned_since > row.requested_at)


def _unnoted(row: Row[Any], owner: str) -> bool:
    """Tell whether people have a conversation, and it was not noted: a crash came between."""
    return row.began_at is None or (owner == Owner.AGENT.value and row.taken_at is None)


def _noted(here: Row[Any], now: datetime) -> dict[str, Any]:
    began = {"began_at": func.coalesce(handoffs.c.began_at, now)}
    if here.owner != Owner.AGENT.value:
        return began
    return {**began, "agent": here.agent, "taken_at": func.coalesce(handoffs.c.taken_at, here.owned_since)}
