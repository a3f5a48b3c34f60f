"""Helpdesk: the built-in one and the fake open one ticket an order and reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from peyk.domain.queues import Priority, Queue
from peyk.domain.ticket_steps import Step
from peyk.domain.tickets import Clocks, Ticket, TicketReason, TicketState
from peyk.ports import Helpdesk
from peyk.store.ticket_desk import StoredTickets
from peyk.store.tickets import BuiltinHelpdesk
from tests.contract.conftest import SUBJECTS
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW, FakeClock, FakeHelpdesk


@pytest.fixture(params=SUBJECTS)
def desk(request: pytest.FixtureRequest, engine_of: Callable[[str], Engine], clock: FakeClock) -> Helpdesk:
    if request.param == "fake":
        return FakeHelpdesk(clock)
    return BuiltinHelpdesk(engine_of(request.param), clock)


def open_ticket(desk: Helpdesk, **changes: Any) -> Ticket:
    plain: dict[str, Any] = {
        "conversation_id": "c1",
        "reason": TicketReason.LATE,
        "order_number": "TS-104180",
        "mobile": None,
        "note": "دیر شده",
        "priority": Priority.NORMAL,
    }
    return desk.open(**{**plain, **changes})


def test_a_ticket_has_a_number_and_what_it_is_about(desk: Helpdesk) -> None:
    ticket = open_ticket(desk, mobile="09351112233", priority=Priority.VIP)
    assert ticket == Ticket(
        number="PK-1001",
        reason=TicketReason.LATE,
        state=TicketState.OPEN,
        conversation_id="c1",
        created_at=NOW,
        updated_at=NOW,
        order_number="TS-104180",
        mobile="09351112233",
        note="دیر شده",
        priority=Priority.VIP,
        created_now=True,
    )


def test_the_same_order_and_reason_is_the_same_ticket(desk: Helpdesk) -> None:
    first = open_ticket(desk)
    again = open_ticket(desk, conversation_id="c2")
    assert (again.number, again.created_now) == (first.number, False)


def test_another_reason_order_or_conversation_is_another_ticket(desk: Helpdesk) -> None:
    numbers = [
        open_ticket(desk).number,
        open_ticket(desk, reason=TicketReason.LOST).number,
        open_ticket(desk, order_number="TS-104160").number,
        open_ticket(desk, order_number=None, conversation_id="c2").number,
        open_ticket(desk, order_number=None, conversation_id="c3").number,
    ]
    assert numbers == ["PK-1001", "PK-1002", "PK-1003", "PK-1004", "PK-1005"]
    assert open_ticket(desk, order_number=None, conversation_id="c2").created_now is False


def test_a_ticket_about_an_order_is_not_the_one_about_no_order(engine: Engine, clock: FakeClock) -> None:
    desk = BuiltinHelpdesk(engine, clock)
    assert open_ticket(desk).number == "PK-1001"
    assert open_ticket(desk, order_number=None).number == "PK-1002"


def test_tickets_of_a_conversation_and_of_a_mobile_newest_first(desk: Helpdesk) -> None:
    own = "09351112233"
    open_ticket(desk, conversation_id="c1", order_number="TS-1")
    open_ticket(desk, conversation_id="c2", order_number="TS-2", mobile=own)
    open_ticket(desk, conversation_id="c3", order_number="TS-3", mobile="09120000000")
    open_ticket(desk, conversation_id="c1", order_number="TS-4", mobile=own)

    def seen(conversation_id: str, mobile: str | None, limit: int = 3) -> list[str | None]:
        tickets = desk.tickets_of(conversation_id=conversation_id, mobile=mobile, limit=limit)
        return [ticket.order_number for ticket in tickets]

    assert seen("c1", None) == ["TS-4", "TS-1"]
    assert seen("c1", own) == ["TS-4", "TS-2", "TS-1"]
    assert seen("c1", own, limit=1) == ["TS-4"]
    assert seen("c9", None) == []
    assert seen("c9", "") == []


def test_concurrent_calls_open_one_ticket(engine: Engine, clock: FakeClock) -> None:
    desk = BuiltinHelpdesk(engine, clock)
    tickets = in_parallel(lambda index: open_ticket(desk, conversation_id=f"c{index}"))
    assert {ticket.number for ticket in tickets if isinstance(ticket, Ticket)} == {"PK-1001"}
    assert sum(isinstance(ticket, Ticket) and ticket.created_now for ticket in tickets) == 1


def test_after_it_is_resolved_a_new_one_is_opened(engine: Engine, clock: FakeClock) -> None:
    desk, kept = BuiltinHelpdesk(engine, clock), StoredTickets(engine)
    first = open_ticket(desk)
    kept.change(first.number, lambda ticket: Step(replace(ticket, state=TicketState.RESOLVED)), NOW)
    second = open_ticket(desk)
    assert (second.number, second.created_now) == ("PK-1002", True)


def test_it_waits_in_a_queue_and_has_clocks(desk: Helpdesk) -> None:
    due = Clocks(NOW + timedelta(hours=1), NOW + timedelta(hours=9))
    ticket = open_ticket(desk, queue=Queue.L2, clocks=due)
    assert (ticket.queue, ticket.due_first_answer_at, ticket.due_solution_at) == (
        Queue.L2,
        due.first_answer_at,
        due.solution_at,
    )


def test_what_was_merged_is_reported_again_as_the_ticket_it_went_into(engine: Engine, clock: FakeClock) -> None:
    desk, kept = BuiltinHelpdesk(engine, clock), StoredTickets(engine)
    late, lost = open_ticket(desk), open_ticket(desk, reason=TicketReason.LOST)
    kept.merge(late.number, lost.number, "sara", NOW)
    again = open_ticket(desk)
    assert (again.number, again.created_now) == (lost.number, False)
    kept.change(lost.number, lambda ticket: Step(replace(ticket, state=TicketState.RESOLVED)), NOW)
    assert open_ticket(desk).created_now


def test_a_note_with_a_null_character_is_kept_without_it(engine: Engine, clock: FakeClock) -> None:
    assert open_ticket(BuiltinHelpdesk(engine, clock), note="a\x00b").note == "ab"
