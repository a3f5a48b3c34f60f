"""Helpdesk: the built-in one and the fake open one ticket an order and reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from peyk.domain.tickets import Ticket, TicketReason, TicketState
from peyk.ports import Helpdesk
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
        "priority": 0,
    }
    return desk.open(**{**plain, **changes})


def test_a_ticket_has_a_number_and_what_it_is_about(desk: Helpdesk) -> None:
    ticket = open_ticket(desk, mobile="09351112233", priority=2)
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
        priority=2,
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
    desk = BuiltinHelpdesk(engine, clock)
    first = open_ticket(desk)
    clock.advance(hours=3)
    moved = desk.set_state(first.number, TicketState.RESOLVED)
    assert moved is not None
    assert (moved.state, moved.updated_at) == (TicketState.RESOLVED, NOW + timedelta(hours=3))
    second = open_ticket(desk)
    assert (second.number, second.created_now) == ("PK-1002", True)


def test_a_resolved_ticket_stays_resolved(engine: Engine, clock: FakeClock) -> None:
    desk = BuiltinHelpdesk(engine, clock)
    number = open_ticket(desk).number
    desk.set_state(number, TicketState.RESOLVED)
    again = desk.set_state(number, TicketState.OPEN)
    assert again is not None
    assert again.state is TicketState.RESOLVED
    assert desk.set_state("PK-9999", TicketState.RESOLVED) is None
    assert desk.set_state("nonsense", TicketState.RESOLVED) is None


def test_a_note_with_a_null_character_is_kept_without_it(engine: Engine, clock: FakeClock) -> None:
    assert open_ticket(BuiltinHelpdesk(engine, clock), note="a\x00b").note == "ab"
