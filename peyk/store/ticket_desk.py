"""Tickets as the people of the shop work on them. Implements the port `Tickets`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, or_, select, update
from sqlalchemy.exc import IntegrityError

from peyk.domain.conversations import Author
from peyk.domain.sla import ClockKind
from peyk.domain.ticket_steps import Decide, Step, joined
from peyk.domain.tickets import UNRESOLVED, Attachment, EventKind, NewEvent, Ticket, TicketEvent, TicketState
from peyk.domain.triage import order_of_work
from peyk.ports.tickets import Changed, Wanted
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import journal, ticket_events, ticket_files, tickets
from peyk.store.ticket_rows import add_events, number_of, query, read, read_event, row_of, values

_OPEN = [state.value for state in UNRESOLVED]
# More than any shop has open; what is sorted in one go.
_MOST = 2000


class StoredTickets:
    """Tickets, their history and their files (the port `Tickets`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def by_number(self, number: str) -> Ticket | None:
        """Return a ticket; None when there is no such number."""
        with reading(self._engine) as connection:
            row = connection.execute(query().where(tickets.c.id == row_of(number))).one_or_none()
        return read(row) if row else None

    def find(self, wanted: Wanted, *, limit: int) -> list[Ticket]:
        """Return the unresolved in the order of work, then the others, newest first."""
        found = query().where(*_conditions(wanted))
        with reading(self._engine) as connection:
            open_ones = found.where(tickets.c.state.in_(_OPEN))
            rough = open_ones.order_by(tickets.c.priority.desc(), tickets.c.id).limit(_MOST)
            work = [read(row) for row in connection.execute(rough)]
            work.sort(key=lambda ticket: order_of_work(ticket.priority, ticket.started_at))
            others = found.where(tickets.c.state.not_in(_OPEN)).order_by(tickets.c.id.desc()).limit(limit)
            return [*work, *(read(row) for row in connection.execute(others))][:limit]

    def change(self, number: str, decide: Decide, now: datetime) -> Changed | None:
        """Take a step on a ticket while nobody else can; None for an unknown number."""
        try:
            with writing(self._engine) as connection:
                ticket = _hold(connection, row_of(number))
                if ticket is None:
                    return None
                step = decide(ticket)
                if step is None:
                    return Changed(ticket, taken=False)
                _write(connection, step, now)
                return Changed(_hold(connection, row_of(number)) or ticket, taken=True)
        except IntegrityError:
            # The step was taken before, by the key of its event; or another ticket has taken its place.
            known = self.by_number(number)
            return Changed(known, taken=False) if known else None

    def merge(self, number: str, into: str, by: str, now: datetime, *, force: bool = False) -> Ticket | None:
        """Merge one ticket into another; return the latter, None when one is unknown. Raises TicketRefused."""
        source, target = row_of(number), row_of(into)
        with writing(self._engine) as connection:
            # In one order, or two merges at once would wait for each other.
            held = {row: _hold(connection, row) for row in sorted({source, target})}
            ticket, other = held.get(source), held.get(target)
            if ticket is None or other is None:
                return None
            for step in joined(ticket, other, by, now, force=force):
                _write(connection, step, now)
            # What went into it before goes where it goes now.
            followers = update(tickets).where(tickets.c.merged_into == source)
            connection.execute(followers.values(merged_into=target))
        return self.by_number(into)

    def record(self, number: str, event: NewEvent, now: datetime) -> bool:
        """Add to a ticket's history; False when it is unknown, or the event's key is there already."""
        try:
            with writing(self._engine) as connection:
                if _hold(connection, row_of(number)) is None:
                    return False
                add_events(connection, row_of(number), [event], now)
        except IntegrityError:
            return False
        return True

    def history(self, number: str) -> list[TicketEvent]:
        """Return what happened to a ticket and to those that were merged into it, oldest first."""
        found = select(ticket_events).where(ticket_events.c.ticket_id.in_(_family(number)))
        with reading(self._engine) as connection:
            rows = connection.execute(found.order_by(ticket_events.c.at, ticket_events.c.id))
            return [read_event(row) for row in rows]

    def attach(self, number: str, file_id: str, by: str, now: datetime) -> bool:
        """Keep a file with a ticket, once; False when it is there already, or there is no such ticket."""
        row = row_of(number)
        with writing(self._engine) as connection:
            if _hold(connection, row) is None:
                return False
            new = insert_into(connection, ticket_files).values(ticket_id=row, file_id=file_id, by=by, at=now)
            made = connection.execute(new.on_conflict_do_nothing().returning(ticket_files.c.file_id))
            if made.scalar_one_or_none() is None:
                return False
            add_events(connection, row, [NewEvent(EventKind.ATTACHED, by, detail={"file": file_id})], now)
        return True

    def attachments(self, number: str) -> list[Attachment]:
        """Return the files of a ticket and of those that were merged into it, oldest first."""
        found = select(ticket_files).where(ticket_files.c.ticket_id.in_(_family(number)))
        with reading(self._engine) as connection:
            rows = connection.execute(found.order_by(ticket_files.c.at, ticket_files.c.file_id))
            return [Attachment(number_of(row.ticket_id), row.file_id, row.by, row.at) for row in rows]

    def untold(self, *, before: datetime, limit: int) -> list[TicketEvent]:
        """Return what was to be said to customers before a moment and has not been, oldest first."""
        found = select(ticket_events).where(ticket_events.c.tell, ticket_events.c.at < before)
        with reading(self._engine) as connection:
            rows = connection.execute(found.order_by(ticket_events.c.at, ticket_events.c.id).limit(limit))
            return [read_event(row) for row in rows]

    def told(self, event_id: int) -> None:
        """Remember that an event has been said, or cannot be."""
        with writing(self._engine) as connection:
            connection.execute(update(ticket_events).where(ticket_events.c.id == event_id).values(tell=False))

    def twin(self, number: str) -> Ticket | None:
        """Return the unresolved ticket of the same order and reason as a resolved one, None when there is none."""
        key = select(tickets.c.dedupe_key).where(tickets.c.id == row_of(number)).scalar_subquery()
        same = query().where(tickets.c.dedupe_key == key, tickets.c.state.in_(_OPEN), tickets.c.id != row_of(number))
        with reading(self._engine) as connection:
            row = connection.execute(same).one_or_none()
        return read(row) if row else None

    def customer_wrote(self, *, limit: int) -> list[str]:
        """Return the numbers of tickets that wait for a customer who has written since they were asked."""
        written = and_(
            journal.c.conversation_id == tickets.c.conversation_id,
            journal.c.author == Author.CUSTOMER.value,
            journal.c.at > tickets.c.waiting_since,
        )
        waiting = tickets.c.state == TicketState.WAITING_CUSTOMER.value
        found = select(tickets.c.id).where(waiting, exists().where(written)).order_by(tickets.c.id).limit(limit)
        with reading(self._engine) as connection:
            return [number_of(row) for row in connection.execute(found).scalars()]

    def overdue(self, now: datetime, *, limit: int) -> list[str]:
        """Return the numbers of tickets with a clock that is over and that have not escalated for it."""
        solution = ClockKind.SOLUTION.value
        late = or_(
            and_(tickets.c.due_solution_at <= now, tickets.c.escalated_for.is_distinct_from(solution)),
            and_(
                tickets.c.due_first_answer_at <= now,
                tickets.c.first_answered_at.is_(None),
                tickets.c.escalated_for.is_(None),
            ),
        )
        working = tickets.c.state.in_([TicketState.OPEN.value, TicketState.IN_PROGRESS.value])
        found = select(tickets.c.id).where(working, late).order_by(tickets.c.id).limit(limit)
        with reading(self._engine) as connection:
            return [number_of(row) for row in connection.execute(found).scalars()]

    def follow_ups(self, now: datetime, *, limit: int) -> list[Ticket]:
        """Return the tickets whose customers are to be asked whether it helped."""
        due = query().where(tickets.c.follow_up_at <= now, tickets.c.state == TicketState.RESOLVED.value)
        with reading(self._engine) as connection:
            rows = connection.execute(due.order_by(tickets.c.follow_up_at, tickets.c.id).limit(limit))
            return [read(row) for row in rows]


def _hold(connection: Connection, row: int) -> Ticket | None:
    """Return a ticket that nobody else can change until the transaction ends."""
    found = connection.execute(query().where(tickets.c.id == row).with_for_update(of=tickets)).one_or_none()
    return read(found) if found else None


def _write(connection: Connection, step: Step, now: datetime) -> None:
    row = row_of(step.ticket.number)
    changed = {**values(step.ticket), "updated_at": now}
    connection.execute(update(tickets).where(tickets.c.id == row).values(changed))
    add_events(connection, row, step.events, now)


def _family(number: str) -> Select[Any]:
    row = row_of(number)
    return select(tickets.c.id).where(or_(tickets.c.id == row, tickets.c.merged_into == row))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [tickets.c.state.in_([state.value for state in wanted.states])]
    if wanted.queue is not None:
        conditions.append(tickets.c.queue == wanted.queue.value)
    if wanted.assignee is not None:
        conditions.append(tickets.c.assignee == wanted.assignee)
    if wanted.nobodys:
        conditions.append(tickets.c.assignee.is_(None))
    if wanted.escalated:
        conditions.append(tickets.c.escalated_at.is_not(None))
    if wanted.conversation_id is not None:
        conditions.append(tickets.c.conversation_id == wanted.conversation_id)
    if wanted.sight is not None:
        free = [tickets.c.assignee.is_(None)]
        if wanted.sight.queues:
            free.append(tickets.c.queue.in_(wanted.sight.queues))
        conditions.append(or_(tickets.c.assignee == wanted.sight.agent, and_(*free)))
    if wanted.words:
        conditions.append(_about(wanted.words))
    return conditions


def _about(words: str) -> ColumnElement[bool]:
    texts = (tickets.c.order_number, tickets.c.mobile, tickets.c.note, tickets.c.summary)
    noted = and_(ticket_events.c.ticket_id == tickets.c.id, ticket_events.c.text.icontains(words, autoescape=True))
    return or_(
        tickets.c.id == row_of(words),
        *(column.icontains(words, autoescape=True) for column in texts),
        exists().where(noted),
    )
