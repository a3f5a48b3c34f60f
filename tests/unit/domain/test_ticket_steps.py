"""What may be done with a ticket in each state, and how its clocks stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from peyk.domain import ticket_steps as steps
from peyk.domain.office_hours import IRANIAN_WEEK, OfficeHours
from peyk.domain.queues import Priority, Queue
from peyk.domain.sla import Colour, Target, colour, overdue
from peyk.domain.ticket_steps import Decide, Refusal, TicketRefused
from peyk.domain.tickets import Clocks, EventKind, StateReason, Ticket, TicketReason, TicketState
from tests.unit.services.fakes import NOW

TEHRAN = ZoneInfo("Asia/Tehran")
HOURS = OfficeHours(IRANIAN_WEEK, frozenset(), TEHRAN)
HOUR = timedelta(hours=1)
CLOCKS = Target(HOUR, 8 * HOUR).clocks(HOURS, NOW)
OPEN, RESOLVED, MERGED = TicketState.OPEN, TicketState.RESOLVED, TicketState.MERGED
WORKING, WAITING = TicketState.IN_PROGRESS, TicketState.WAITING_CUSTOMER


def ticket(state: TicketState = OPEN, **changes: Any) -> Ticket:
    """A ticket opened at NOW (Saturday noon in Tehran), first answer due in an hour, solution in eight."""
    plain = Ticket("PK-1001", TicketReason.LATE, state, "c1", NOW, NOW)
    due: dict[str, Any] = {
        "due_first_answer_at": CLOCKS.first_answer_at,
        "due_solution_at": CLOCKS.solution_at,
        "resolved_at": NOW if state is RESOLVED else None,
        "merged_into": "PK-1002" if state is MERGED else None,
    }
    return replace(plain, **{**due, **changes})


def done(decide: Decide, before: Ticket) -> Ticket:
    step = decide(before)
    assert step is not None
    assert step.events, "everything done is in the history"
    return step.ticket


def resolve(agent: str = "sara", *, force: bool = False, tell: bool = True) -> Decide:
    return steps.resolve(agent, StateReason.SOLVED, "done", NOW, TEHRAN, force=force, tell=tell)


NEEDS_WORK: list[Decide] = [
    steps.take("sara"),
    steps.assign("sara", "lead"),
    steps.move(Queue.L2, Priority.NORMAL, "lead"),
    steps.begin("sara", HOURS, NOW),
    steps.answer("sara", "hello", NOW, None),
    steps.wait("sara", "which one?", NOW, None),
    resolve(),
    resolve(force=True),
    steps.raise_up("sara", "", NOW),
]


@pytest.mark.parametrize("decide", NEEDS_WORK)
@pytest.mark.parametrize(("state", "code"), [(RESOLVED, Refusal.STATE), (MERGED, Refusal.MERGED)])
def test_what_is_at_its_end_is_not_worked_on(decide: Decide, state: TicketState, code: Refusal) -> None:
    with pytest.raises(TicketRefused) as refused:
        decide(ticket(state))
    assert refused.value.code is code


@pytest.mark.parametrize("decide", [*NEEDS_WORK[:1], *NEEDS_WORK[4:7]])
def test_what_somebody_has_is_not_taken_from_them(decide: Decide) -> None:
    with pytest.raises(TicketRefused) as refused:
        decide(ticket(WORKING, assignee="reza"))
    assert refused.value.code is Refusal.TAKEN
    assert done(resolve(force=True), ticket(WORKING, assignee="reza")).state is RESOLVED


def test_taken_answered_and_the_clock_of_the_first_answer_stands() -> None:
    taken = done(steps.take("sara"), ticket())
    assert (taken.state, taken.assignee, taken.first_answered_at) == (WORKING, "sara", None)
    assert steps.take("sara")(taken) is None
    answered = done(steps.answer("sara", "hello", NOW + HOUR, None), taken)
    again = done(steps.answer("sara", "and more", NOW + 2 * HOUR, None), answered)
    assert answered.first_answered_at == again.first_answered_at == NOW + HOUR


def test_given_back_it_is_open() -> None:
    back = done(steps.assign(None, "lead"), ticket(WORKING, assignee="sara"))
    assert (back.state, back.state_reason, back.assignee) == (OPEN, StateReason.RELEASED, None)


def test_in_another_queue_nobody_has_it() -> None:
    moved = done(steps.move(Queue.VIP, Priority.VIP, "lead", force=True), ticket(WORKING, assignee="sara"))
    assert (moved.queue, moved.priority, moved.assignee, moved.state) == (Queue.VIP, Priority.VIP, None, OPEN)
    assert done(steps.move(Queue.L1, Priority.CRITICAL, "lead", force=True), ticket(assignee="sara")).assignee == "sara"


def test_the_time_of_waiting_for_the_customer_is_given_back() -> None:
    """Asked on Saturday at 13, answered on Sunday at 10: five working hours."""
    asked = done(steps.wait("sara", "which one?", NOW + HOUR, None), ticket())
    assert (asked.state, colour(asked, HOURS, NOW + 99 * HOUR)) == (WAITING, Colour.STOPPED)
    back = done(steps.go_on("customer", HOURS, datetime(2026, 11, 22, 10, tzinfo=TEHRAN)), asked)
    assert (back.state, back.waiting_since) == (WORKING, None)
    assert back.due_solution_at == HOURS.add_working(NOW, 13 * HOUR)
    assert steps.go_on("customer", HOURS, NOW)(back) is None
    by_hand = done(steps.begin("sara", HOURS, datetime(2026, 11, 22, 10, tzinfo=TEHRAN)), asked)
    assert by_hand.due_solution_at == back.due_solution_at


def test_who_waits_may_ask_again_and_be_taken_over() -> None:
    asked = done(steps.wait("sara", "which one?", NOW, None), ticket())
    assert steps.wait("sara", "", NOW + HOUR, None)(asked) is None
    again = done(steps.wait("sara", "the blue one?", NOW + HOUR, None), asked)
    assert (again.state, again.waiting_since) == (WAITING, NOW)
    free = done(steps.assign(None, "lead"), again)
    taken = done(steps.take("reza"), free)
    assert (taken.state, taken.assignee, taken.waiting_since) == (WAITING, "reza", NOW)


def test_resolved_with_a_reason_and_asked_after_a_day() -> None:
    end = done(resolve(), ticket(WORKING, assignee="sara"))
    assert (end.state, end.state_reason, end.summary, end.resolved_at) == (RESOLVED, StateReason.SOLVED, "done", NOW)
    assert end.follow_up_at == NOW + 24 * HOUR
    assert end.first_answered_at == NOW
    quiet = done(resolve(tell=False), ticket())
    assert quiet.first_answered_at is None
    with pytest.raises(ValueError, match="no resolution"):
        steps.resolve("sara", StateReason.REOPENED, "", NOW, TEHRAN, force=False, tell=True)


def test_resolved_at_night_it_is_asked_by_day() -> None:
    night = datetime(2026, 11, 21, 23, tzinfo=TEHRAN)
    end = done(steps.resolve("sara", StateReason.SOLVED, "", night, TEHRAN, force=False, tell=True), ticket())
    assert end.follow_up_at == datetime(2026, 11, 23, 9, tzinfo=TEHRAN)


def test_open_again_it_waits_anew() -> None:
    late = Clocks(NOW + 9 * HOUR, NOW + 20 * HOUR)
    before = ticket(RESOLVED, assignee="sara", first_answered_at=NOW, escalated_for="solution", follow_up_at=NOW)
    again = done(steps.reopen("sara", StateReason.REOPENED, late, NOW + HOUR), before)
    assert (again.state, again.state_reason, again.assignee) == (OPEN, StateReason.REOPENED, None)
    assert (again.due_solution_at, again.escalated_for, again.follow_up_at) == (NOW + 20 * HOUR, None, None)
    assert again.reopened
    assert steps.reopen("sara", StateReason.REOPENED, late, NOW)(again) is None
    with pytest.raises(TicketRefused):
        steps.reopen("sara", StateReason.REOPENED, late, NOW)(ticket(MERGED))


def test_no_opens_it_again_and_yes_does_not() -> None:
    asked = ticket(RESOLVED)
    assert done(steps.helped(True, CLOCKS, NOW), asked).state is RESOLVED
    not_yet = done(steps.helped(False, CLOCKS, NOW), asked)
    assert (not_yet.state, not_yet.state_reason, not_yet.helped) == (OPEN, StateReason.NOT_HELPED, False)
    assert steps.helped(False, CLOCKS, NOW)(not_yet) is None


@pytest.mark.parametrize(
    ("changes", "hours_later", "expected"),
    [
        ({}, 0.5, Colour.OK),
        ({}, 0.8, Colour.SOON),
        ({}, 1, Colour.DUE),
        ({"first_answered_at": NOW}, 1, Colour.OK),
        # Five of the eight hours are over at closing time; the night counts for nothing.
        ({"first_answered_at": NOW}, 20, Colour.OK),
        ({"first_answered_at": NOW}, 22.5, Colour.SOON),
        ({"first_answered_at": NOW}, 24, Colour.DUE),
        ({"state": RESOLVED}, 99, Colour.STOPPED),
        ({"due_first_answer_at": None, "due_solution_at": None}, 99, Colour.STOPPED),
    ],
)
def test_the_colour_of_a_ticket(changes: dict[str, Any], hours_later: float, expected: Colour) -> None:
    assert colour(replace(ticket(), **changes), HOURS, NOW + hours_later * HOUR) is expected


def test_it_escalates_once_a_clock() -> None:
    assert overdue(ticket(), NOW) is None
    first = done(steps.escalate(NOW + HOUR), ticket())
    assert (first.queue, first.priority, first.escalated_at) == (Queue.L2, Priority.TOPIC, NOW + HOUR)
    assert steps.escalate(NOW + 2 * HOUR)(first) is None
    second = done(steps.escalate(NOW + 99 * HOUR), first)
    assert (second.queue, second.priority) == (Queue.L2, Priority.CRITICAL)
    assert steps.escalate(NOW + 199 * HOUR)(second) is None


@pytest.mark.parametrize("queue", [Queue.VIP, Queue.SECURITY, Queue.L2])
def test_above_the_first_line_it_goes_to_who_leads(queue: Queue) -> None:
    step = steps.escalate(NOW + HOUR)(ticket(queue=queue, priority=Priority.VIP))
    assert step is not None
    assert (step.ticket.queue, step.ticket.priority) == (queue, Priority.CRITICAL)
    assert step.events[0].kind is EventKind.ESCALATED
    assert step.events[0].detail["to"] == "lead"


def test_a_merge_keeps_what_is_most_urgent() -> None:
    other = ticket(number="PK-1002", priority=Priority.VIP, due_solution_at=NOW + HOUR)
    gone, kept = steps.joined(ticket(), other, "sara", NOW)
    assert (gone.ticket.state, gone.ticket.merged_into, gone.ticket.follow_up_at) == (MERGED, "PK-1002", None)
    assert (kept.ticket.priority, kept.ticket.due_solution_at) == (Priority.VIP, NOW + HOUR)
    urgent = steps.joined(ticket(priority=Priority.CRITICAL), other, "sara", NOW)[1]
    assert urgent.ticket.priority is Priority.CRITICAL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ticket(), ticket()),
        (ticket(MERGED), ticket(number="PK-1002")),
        (ticket(), ticket(MERGED, number="PK-1002")),
        (ticket(), ticket(RESOLVED, number="PK-1002")),
    ],
    ids=["itself", "gone already", "into one that is gone", "work into one that is resolved"],
)
def test_a_merge_that_would_lose_work(one: Ticket, other: Ticket) -> None:
    with pytest.raises(TicketRefused):
        steps.joined(one, other, "sara", NOW)


def test_tickets_of_two_customers_are_merged_by_force_alone() -> None:
    stranger = ticket(number="PK-1002", conversation_id="another")
    with pytest.raises(TicketRefused) as refused:
        steps.joined(ticket(), stranger, "sara", NOW)
    assert refused.value.code is steps.Refusal.CUSTOMER
    assert steps.joined(ticket(), stranger, "lead", NOW, force=True)[0].ticket.merged_into == "PK-1002"
    one, other = replace(ticket(), mobile="09121234567"), replace(stranger, mobile="09121234567")
    assert steps.joined(one, other, "sara", NOW)[0].ticket.merged_into == "PK-1002"


def test_what_somebody_has_is_moved_by_force_alone() -> None:
    held = ticket(assignee="reza")
    with pytest.raises(TicketRefused):
        steps.move(Queue.VIP, Priority.VIP, "sara")(held)
    moved = steps.move(Queue.VIP, Priority.VIP, "lead", force=True)(held)
    assert moved is not None
    assert moved.ticket.queue is Queue.VIP
