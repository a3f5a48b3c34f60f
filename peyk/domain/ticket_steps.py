"""What may be done with a ticket, as pure steps: a ticket in, the changed ticket and its history out.

The store takes a step on the row it holds, so that of two people at once one succeeds and the other is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum

from peyk.domain.follow_up import EARLIEST, next_day_time, too_late
from peyk.domain.office_hours import OfficeHours
from peyk.domain.queues import Priority, Queue
from peyk.domain.sla import ClockKind, overdue
from peyk.domain.tickets import (
    CUSTOMER,
    RESOLUTIONS,
    SYSTEM,
    Clocks,
    EventKind,
    NewEvent,
    StateReason,
    Ticket,
    TicketState,
)


class Refusal(StrEnum):
    """Why something cannot be done with a ticket."""

    UNKNOWN = "unknown"
    TAKEN = "taken"
    STATE = "state"
    MERGED = "merged"
    CUSTOMER = "customer"


class TicketRefused(Exception):
    """The ticket does not allow it: `code` says why, `ticket` how it stands (None: there is none)."""

    def __init__(self, code: Refusal, ticket: Ticket | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.ticket = ticket


@dataclass(frozen=True, slots=True)
class Step:
    """A ticket after a step, and what goes into its history."""

    ticket: Ticket
    events: tuple[NewEvent, ...] = ()


# None: there is nothing to do.
Decide = Callable[[Ticket], Step | None]


def take(agent: str) -> Decide:
    """An operator takes a ticket nobody has."""

    def decide(ticket: Ticket) -> Step | None:
        _mine(ticket, agent)
        if ticket.assignee == agent and ticket.state is not TicketState.OPEN:
            return None
        return _taken(ticket, agent)

    return decide


def assign(agent: str | None, by: str) -> Decide:
    """Give a ticket to an operator whoever has it, or with None back to its queue."""

    def decide(ticket: Ticket) -> Step | None:
        _unresolved(ticket)
        if ticket.assignee == agent:
            return None
        event = NewEvent(EventKind.ASSIGNED, by, detail={"from": ticket.assignee or "", "to": agent or ""})
        return Step(_given_back(ticket) if agent is None else replace(ticket, assignee=agent), (event,))

    return decide


def move(queue: Queue, priority: Priority, by: str, *, force: bool = False) -> Decide:
    """Put a ticket into another queue, or give it another priority; nobody has it then but by its queue.

    What somebody else has is moved by `force` alone.
    """

    def decide(ticket: Ticket) -> Step | None:
        if force:
            _unresolved(ticket)
        else:
            _mine(ticket, by)
        if (ticket.queue, ticket.priority) == (queue, priority):
            return None
        detail = {"from": ticket.queue.value, "to": queue.value, "priority": priority.name.lower()}
        held = ticket if ticket.queue is queue else _given_back(ticket)
        changed = replace(held, queue=queue, priority=priority)
        return Step(changed, (NewEvent(EventKind.MOVED, by, detail=detail),))

    return decide


def begin(by: str, hours: OfficeHours, now: datetime) -> Decide:
    """Somebody looks into it, whoever that is (the customer is told "in progress")."""

    def decide(ticket: Ticket) -> Step | None:
        _unresolved(ticket)
        if ticket.state is TicketState.IN_PROGRESS:
            return None
        return _to(_woken(ticket, hours, now), TicketState.IN_PROGRESS, by)

    return decide


def answer(agent: str, text: str, now: datetime, key: str | None) -> Decide:
    """Say something to the customer; who does it has the ticket, and the first answer is given."""

    def decide(ticket: Ticket) -> Step | None:
        _mine(ticket, agent)
        taken = _taken(ticket, agent) if ticket.assignee != agent or ticket.state is TicketState.OPEN else Step(ticket)
        said = NewEvent(EventKind.MESSAGE, agent, text, key=key, tell=True)
        return Step(_answered(taken.ticket, now), (*taken.events, said))

    return decide


def wait(agent: str, text: str, now: datetime, key: str | None) -> Decide:
    """Wait for the customer, who is asked something if there is a text; the clock of the solution stands."""

    def decide(ticket: Ticket) -> Step | None:
        _mine(ticket, agent)
        asked = (NewEvent(EventKind.MESSAGE, agent, text, key=key, tell=True),) if text else ()
        if ticket.state is TicketState.WAITING_CUSTOMER:
            return Step(replace(ticket, assignee=agent), asked) if asked else None
        to = _to(replace(ticket, assignee=agent, waiting_since=now), TicketState.WAITING_CUSTOMER, agent)
        return Step(_answered(to.ticket, now) if text else to.ticket, (*asked, *to.events))

    return decide


def go_on(by: str, hours: OfficeHours, now: datetime) -> Decide:
    """The customer has written: it is worked on again, and the time of waiting is given back to the clock."""

    def decide(ticket: Ticket) -> Step | None:
        if ticket.state is not TicketState.WAITING_CUSTOMER:
            return None
        state = TicketState.IN_PROGRESS if ticket.assignee else TicketState.OPEN
        return _to(_woken(ticket, hours, now), state, by)

    return decide


def resolve(
    agent: str, reason: StateReason, summary: str, now: datetime, timezone: tzinfo, *, force: bool, tell: bool
) -> Decide:
    """Bring a ticket to its end; the summary is for the customer. Raises ValueError for what is no resolution."""
    if reason not in RESOLUTIONS:
        raise ValueError(f"{reason} is no resolution")

    def decide(ticket: Ticket) -> Step | None:
        if force:
            _unresolved(ticket)
        else:
            _mine(ticket, agent)
        done = replace(
            ticket,
            state_reason=reason,
            summary=summary or None,
            resolved_at=now,
            waiting_since=None,
            follow_up_at=next_day_time(now + EARLIEST, timezone),
            followed_up_at=None,
            helped=None,
        )
        step = _to(done, TicketState.RESOLVED, agent, summary)
        # What is told to the customer answers them, too.
        if not (tell and summary):
            return step
        return Step(_answered(step.ticket, now), (replace(step.events[0], tell=True),))

    return decide


def reopen(by: str, reason: StateReason, clocks: Clocks, now: datetime, text: str = "") -> Decide:
    """Open a resolved ticket again: it waits anew for whoever takes it first, and its clocks start again."""

    def decide(ticket: Ticket) -> Step | None:
        if ticket.state is TicketState.MERGED:
            raise TicketRefused(Refusal.MERGED, ticket)
        if ticket.unresolved:
            return None
        again = replace(
            ticket,
            state_reason=reason,
            reopened_at=now,
            resolved_at=None,
            assignee=None,
            follow_up_at=None,
            first_answered_at=None,
            due_first_answer_at=clocks.first_answer_at,
            due_solution_at=clocks.solution_at,
            escalated_at=None,
            escalated_for=None,
        )
        return _to(again, TicketState.OPEN, by, text)

    return decide


def helped(yes: bool, clocks: Clocks, now: datetime) -> Decide:
    """Keep what the customer says to "did it help?"; "no" opens the ticket again."""

    def decide(ticket: Ticket) -> Step | None:
        if ticket.helped is yes and (yes or ticket.unresolved):
            return None
        word = NewEvent(EventKind.HELPED, CUSTOMER, detail={"helped": "yes" if yes else "no"})
        ticket = replace(ticket, helped=yes, follow_up_at=None)
        if yes or ticket.state is not TicketState.RESOLVED:
            return Step(ticket, (word,))
        again = reopen(CUSTOMER, StateReason.NOT_HELPED, clocks, now)(ticket)
        return Step(again.ticket, (word, *again.events)) if again else None

    return decide


def escalate(now: datetime) -> Decide:
    """Raise a ticket whose clock is over: one step up in priority, from the first line to the second."""

    def decide(ticket: Ticket) -> Step | None:
        kind = overdue(ticket, now)
        if kind is None:
            return None
        queue = Queue.L2 if ticket.queue is Queue.L1 else ticket.queue
        priority = Priority.CRITICAL if kind is ClockKind.SOLUTION else _raised(ticket.priority)
        detail = {
            "clock": kind.value,
            "from": ticket.queue.value,
            # In the queues above the first line there is nobody else but who leads.
            "to": queue.value if queue is not ticket.queue else "lead",
            "priority": priority.name.lower(),
        }
        # Who has it keeps it: the queue is where it waits when they give it back.
        changed = replace(ticket, queue=queue, priority=priority, escalated_at=now, escalated_for=kind.value)
        return Step(changed, (NewEvent(EventKind.ESCALATED, SYSTEM, detail=detail),))

    return decide


def raise_up(by: str, text: str, now: datetime) -> Decide:
    """A person raises a ticket: one step up in priority, from the first line to the second."""

    def decide(ticket: Ticket) -> Step | None:
        _unresolved(ticket)
        queue = Queue.L2 if ticket.queue is Queue.L1 else ticket.queue
        priority = _raised(ticket.priority)
        detail = {"from": ticket.queue.value, "to": queue.value, "priority": priority.name.lower()}
        raised = replace(ticket, queue=queue, priority=priority, escalated_at=now)
        return Step(raised, (NewEvent(EventKind.ESCALATED, by, text, detail=detail),))

    return decide


def followed_up(now: datetime, *, gone: bool = False) -> Decide:
    """Note that the customer has been asked whether it helped, or cannot be: too late, or nowhere to ask."""

    def decide(ticket: Ticket) -> Step | None:
        if not follow_up_due(ticket, now):
            return None
        asked = not (gone or too_late(ticket.resolved_at or now, now))
        event = NewEvent(EventKind.FOLLOW_UP, SYSTEM, detail={"asked": "yes" if asked else "no"})
        return Step(replace(ticket, follow_up_at=None, followed_up_at=now if asked else None), (event,))

    return decide


def put_off(until: datetime) -> Decide:
    """Ask later whether it helped."""

    def decide(ticket: Ticket) -> Step | None:
        return Step(replace(ticket, follow_up_at=until)) if ticket.follow_up_at else None

    return decide


def follow_up_due(ticket: Ticket, now: datetime) -> bool:
    """Tell whether the customer is to be asked now."""
    return ticket.state is TicketState.RESOLVED and ticket.follow_up_at is not None and ticket.follow_up_at <= now


def joined(ticket: Ticket, into: Ticket, by: str, now: datetime, *, force: bool = False) -> tuple[Step, Step]:
    """Merge a ticket into another; return the steps of both. Raises TicketRefused when work would be lost.

    The other one takes the higher priority and the earlier times. Only by `force` do tickets come together that
    agree neither in conversation nor in mobile: what one customer wrote would be told to another.
    """
    if ticket.number == into.number or TicketState.MERGED in {ticket.state, into.state}:
        raise TicketRefused(Refusal.MERGED, into if into.state is TicketState.MERGED else ticket)
    if ticket.unresolved and not into.unresolved:
        raise TicketRefused(Refusal.STATE, into)
    if not (force or _of_one_customer(ticket, into)):
        raise TicketRefused(Refusal.CUSTOMER, into)
    gone = replace(
        ticket, state=TicketState.MERGED, merged_into=into.number, waiting_since=None, follow_up_at=None, updated_at=now
    )
    events = (NewEvent(EventKind.MERGED, by, detail={"into": into.number}),)
    kept = into
    if ticket.unresolved:
        kept = replace(
            into,
            priority=max(ticket.priority, into.priority),
            due_first_answer_at=_earlier(ticket.due_first_answer_at, into.due_first_answer_at),
            due_solution_at=_earlier(ticket.due_solution_at, into.due_solution_at),
            updated_at=now,
        )
    return Step(gone, events), Step(kept, (NewEvent(EventKind.MERGED, by, detail={"from": ticket.number}),))


def _of_one_customer(one: Ticket, other: Ticket) -> bool:
    return one.conversation_id == other.conversation_id or (one.mobile is not None and one.mobile == other.mobile)


def _unresolved(ticket: Ticket) -> None:
    if ticket.state is TicketState.MERGED:
        raise TicketRefused(Refusal.MERGED, ticket)
    if not ticket.unresolved:
        raise TicketRefused(Refusal.STATE, ticket)


def _mine(ticket: Ticket, agent: str) -> None:
    _unresolved(ticket)
    if ticket.assignee not in {None, agent}:
        raise TicketRefused(Refusal.TAKEN, ticket)


def _taken(ticket: Ticket, agent: str) -> Step:
    event = NewEvent(EventKind.ASSIGNED, agent, detail={"from": ticket.assignee or "", "to": agent})
    if ticket.state is TicketState.OPEN:
        ticket = replace(ticket, state=TicketState.IN_PROGRESS, state_reason=None)
    return Step(replace(ticket, assignee=agent), (event,))


def _given_back(ticket: Ticket) -> Ticket:
    if ticket.state is TicketState.IN_PROGRESS:
        ticket = replace(ticket, state=TicketState.OPEN, state_reason=StateReason.RELEASED)
    return replace(ticket, assignee=None)


def _woken(ticket: Ticket, hours: OfficeHours, now: datetime) -> Ticket:
    """Give the time of waiting for the customer back to the clock of the solution."""
    if ticket.waiting_since is None:
        return ticket
    waited = hours.working_between(ticket.waiting_since, now)
    due = ticket.due_solution_at and hours.add_working(ticket.due_solution_at, waited)
    return replace(ticket, waiting_since=None, due_solution_at=due)


def _to(ticket: Ticket, state: TicketState, by: str, text: str = "") -> Step:
    detail = {"from": ticket.state.value, "to": state.value}
    reason = ticket.state_reason if state in {TicketState.RESOLVED, TicketState.OPEN} else None
    if reason is not None:
        detail["reason"] = reason.value
    return Step(
        replace(ticket, state=state, state_reason=reason), (NewEvent(EventKind.STATE, by, text, detail=detail),)
    )


def _answered(ticket: Ticket, now: datetime) -> Ticket:
    return ticket if ticket.first_answered_at else replace(ticket, first_answered_at=now)


def _raised(priority: Priority) -> Priority:
    return Priority(min(priority + 1, Priority.CRITICAL))


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [each for each in (one, other) if each is not None]
    return min(known) if known else None
