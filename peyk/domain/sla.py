"""How long a customer may wait, in working time, and how a ticket stands against that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from peyk.domain.office_hours import OfficeHours
from peyk.domain.tickets import Clocks, Ticket, TicketState

# Less than this part of the time left is "soon".
SOON = 0.25


class Colour(StrEnum):
    """How a clock stands: time enough, little left, over, or it does not run."""

    OK = "ok"
    SOON = "soon"
    DUE = "due"
    STOPPED = "stopped"


class ClockKind(StrEnum):
    """What a customer waits for."""

    FIRST_ANSWER = "first_answer"
    SOLUTION = "solution"


@dataclass(frozen=True, slots=True)
class Target:
    """The working time until the first answer and until the solution."""

    first_answer: timedelta
    solution: timedelta

    def clocks(self, hours: OfficeHours, start: datetime) -> Clocks:
        """Return when both are due for who has waited since `start`."""
        return Clocks(hours.add_working(start, self.first_answer), hours.add_working(start, self.solution))


def running(ticket: Ticket) -> dict[ClockKind, datetime]:
    """Return the clocks that run for a ticket, and when they are due.

    While the customer is asked something no clock runs.
    """
    if not ticket.unresolved or ticket.state is TicketState.WAITING_CUSTOMER:
        return {}
    clocks = {ClockKind.SOLUTION: ticket.due_solution_at}
    if ticket.first_answered_at is None:
        clocks[ClockKind.FIRST_ANSWER] = ticket.due_first_answer_at
    return {kind: due for kind, due in clocks.items() if due is not None}


def overdue(ticket: Ticket, now: datetime) -> ClockKind | None:
    """Return the clock a ticket has to escalate for, once each; the solution's weighs more."""
    late = {kind for kind, due in running(ticket).items() if due <= now}
    if ClockKind.SOLUTION in late and ticket.escalated_for != ClockKind.SOLUTION:
        return ClockKind.SOLUTION
    if ClockKind.FIRST_ANSWER in late and ticket.escalated_for is None:
        return ClockKind.FIRST_ANSWER
    return None


def colour(ticket: Ticket, hours: OfficeHours, now: datetime) -> Colour:
    """Return how the worst of a ticket's clocks stands."""
    clocks = running(ticket).values()
    if not clocks:
        return Colour.STOPPED
    if any(due <= now for due in clocks):
        return Colour.DUE
    if any(_left(ticket.started_at, due, hours, now) < SOON for due in clocks):
        return Colour.SOON
    return Colour.OK


def _left(start: datetime, due: datetime, hours: OfficeHours, now: datetime) -> float:
    whole = hours.working_between(start, due)
    return hours.working_between(now, due) / whole if whole else 0.0
