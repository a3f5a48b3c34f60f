"""Our tickets and their mirrors outside: made once, noted once, solved once, whatever breaks in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, update

from peyk.adapters._guard import Guard
from peyk.adapters._resilience import GuardedHelpdesk
from peyk.domain.outside import OutsideNote
from peyk.domain.queues import Priority
from peyk.domain.tickets import Ticket, TicketReason, TicketState
from peyk.ports.mirror import Link
from peyk.services.mirror import MirrorTickets
from peyk.store.engine import make_engine, writing
from peyk.store.helpdesk_links import StoredLinks
from peyk.store.tables import tickets
from peyk.store.ticket_desk import StoredTickets
from peyk.store.ticket_rows import row_of
from peyk.store.tickets import BuiltinHelpdesk
from tests.contract.outside_desks import SYSTEMS, Subject, subject_of
from tests.fakes.parallel import in_parallel
from tests.fakes.vendor_http import Fault
from tests.unit.services.fakes import FakeClock

LOOK_EVERY = timedelta(minutes=5)


class Tickets(BuiltinHelpdesk):
    """Tickets that are moved without any rule."""

    def __init__(self, engine: Engine, clock: FakeClock) -> None:
        super().__init__(engine, clock)
        self._kept, self._rows, self._time = StoredTickets(engine), engine, clock
        self.said: dict[str, str] = {}

    def by_number(self, number: str) -> Ticket | None:
        return self._kept.by_number(number)

    def set_state(self, number: str, state: TicketState) -> Ticket | None:
        change = update(tickets).where(tickets.c.id == row_of(number), tickets.c.state != TicketState.RESOLVED.value)
        with writing(self._rows) as connection:
            connection.execute(change.values(state=state.value, updated_at=self._time.now()))
        return self.by_number(number)

    def answer(self, number: str, text: str, *, key: str) -> None:
        self.said.setdefault(f"{number} {key}", text)


@dataclass
class World:
    subject: Subject
    engine: Engine
    clock: FakeClock

    def __post_init__(self) -> None:
        self.tickets = Tickets(self.engine, self.clock)
        self.links = StoredLinks(self.engine)
        self.mirror = self.process(self.engine)

    def process(self, engine: Engine) -> MirrorTickets:
        """Return the service as one process has it."""
        guard = Guard(self.subject.desk.system, deadline_s=30, failures=1000, reset_s=1)
        return MirrorTickets(
            desk=GuardedHelpdesk(self.subject.desk, guard),
            links=StoredLinks(engine),
            tickets=self.tickets if engine is self.engine else Tickets(engine, self.clock),
            clock=self.clock,
            secret_key=SecretStr("k" * 32),
            language="fa",
            look_every=LOOK_EVERY,
        )

    def open(self, order: str = "TS-104180", note: str = "چرا نرسیده؟") -> Ticket:
        return self.tickets.open(
            conversation_id="c1",
            reason=TicketReason.LATE,
            order_number=order,
            mobile="09351112233",
            note=note,
            priority=Priority.NORMAL,
        )

    def later(self, **passed: float) -> int:
        self.clock.advance(**(passed or {"hours": 1}))
        return self.mirror.tick()

    def link(self, ticket: Ticket) -> Link:
        return self.links.of(ticket.number)[0]

    def outside(self, ticket: Ticket) -> str:
        external_id = self.link(ticket).external_id
        assert external_id is not None
        return external_id

    def state(self, ticket: Ticket) -> TicketState:
        found = self.tickets.by_number(ticket.number)
        assert found is not None
        return found.state


@pytest.fixture(params=SYSTEMS)
def world(request: pytest.FixtureRequest, engine: Engine, clock: FakeClock) -> Iterator[World]:
    with subject_of(request.param) as subject:
        yield World(subject, engine, clock)


def test_an_opened_ticket_is_made_outside_once(world: World) -> None:
    ticket = world.open()
    for _ in range(3):
        world.later()
    assert world.subject.tickets == [world.outside(ticket)]
    texts = "\n".join(world.subject.texts(world.outside(ticket)))
    assert texts.count("چرا نرسیده؟") == 1
    assert ticket.number in texts
    assert "09351112233" in texts


def test_nothing_outside_tells_which_conversation_it_is(world: World) -> None:
    world.open()
    world.later()
    assert "c1" not in [str(value) for call in world.subject.server.calls for value in (call.body or {}).values()]


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.RESET, Fault.CUT_OFF, Fault.SERVER_ERROR, Fault.RATE_LIMITED])
@pytest.mark.parametrize("done", [True, False])
def test_a_desk_in_trouble_gets_each_ticket_once_when_it_is_back(world: World, fault: Fault, *, done: bool) -> None:
    method, _ = world.subject.making
    tickets = [world.open(f"TS-{number}") for number in range(3)]
    assert [ticket.created_now for ticket in tickets] == [True] * 3
    # Every call that makes something fails for a while, each of them perhaps carried out.
    world.subject.server.fail(fault, method=method, times=5, done=done)
    for _ in range(14):
        world.later()
        world.subject.server.let_go()
    assert len(world.subject.tickets) == 3
    for ticket in tickets:
        texts = "\n".join(world.subject.texts(world.outside(ticket)))
        assert texts.count("چرا نرسیده؟") == 1
        assert world.link(ticket).attempts == 0


def test_while_it_is_down_pauses_grow_and_the_trouble_is_seen(world: World) -> None:
    ticket = world.open()
    world.subject.server.fail(Fault.SERVER_ERROR, times=99)
    pauses = []
    for _ in range(9):
        world.later(hours=1)
        link = world.link(ticket)
        assert link.next_at is not None
        pauses.append(link.next_at - world.clock.now())
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=10)
    assert "HTTP 500" in world.link(ticket).error
    calls = len(world.subject.server.calls)
    assert world.later(seconds=1) == 0
    assert len(world.subject.server.calls) == calls


def test_it_waits_as_long_as_the_desk_asks(world: World) -> None:
    ticket = world.open()
    world.subject.server.fail(Fault.RATE_LIMITED, retry_after="900")
    world.later()
    assert world.link(ticket).next_at == world.clock.now() + timedelta(seconds=900)
    assert world.later(seconds=899) == 0
    assert world.later(seconds=2) == 1


def test_one_ticket_the_desk_refuses_does_not_hold_up_the_others(world: World) -> None:
    bad, good = world.open("TS-1"), world.open("TS-2")
    world.subject.server.fail(Fault.TRUNCATED)
    world.later(seconds=1)
    assert world.link(bad).external_id is None
    assert world.link(good).external_id is not None


def test_a_note_is_added_once_and_then_forgotten_here(world: World) -> None:
    ticket = world.open()
    world.later()
    note = OutsideNote("answer-7", "The parcel was found.")
    assert world.links.put_note(ticket.number, note, world.clock.now())
    assert not world.links.put_note(ticket.number, note, world.clock.now())
    assert not world.links.put_note("PK-9999", OutsideNote("x", "y"), world.clock.now())
    world.subject.server.fail(Fault.RESET, method="POST", done=True)
    for _ in range(3):
        world.later()
    assert world.subject.texts(world.outside(ticket)).count("The parcel was found.") == 1


def test_solved_outside_is_solved_here_once(world: World) -> None:
    ticket = world.open()
    world.later()
    world.subject.move(world.outside(ticket), TicketState.RESOLVED)
    world.later()
    solved = world.tickets.by_number(ticket.number)
    assert solved is not None
    assert solved.state is TicketState.RESOLVED
    assert world.later() == 0
    again = world.tickets.by_number(ticket.number)
    assert again is not None
    assert again.updated_at == solved.updated_at


def test_in_work_outside_is_in_work_here_and_stays_it(world: World) -> None:
    ticket = world.open()
    world.later()
    world.subject.move(world.outside(ticket), TicketState.IN_PROGRESS)
    world.later()
    world.later()
    assert world.state(ticket) is TicketState.IN_PROGRESS
    assert world.subject.state(world.outside(ticket)) is TicketState.IN_PROGRESS


def test_solved_here_is_solved_outside_once(world: World) -> None:
    ticket = world.open()
    world.later()
    world.tickets.set_state(ticket.number, TicketState.RESOLVED)
    world.later(seconds=1)
    assert world.subject.state(world.outside(ticket)) is TicketState.RESOLVED
    calls = len(world.subject.server.calls)
    assert world.later() == 0
    assert len(world.subject.server.calls) == calls


def test_solved_on_both_sides_at_once_is_solved(world: World) -> None:
    ticket = world.open()
    world.later()
    world.tickets.set_state(ticket.number, TicketState.IN_PROGRESS)
    world.subject.move(world.outside(ticket), TicketState.RESOLVED)
    world.later()
    assert world.state(ticket) is TicketState.RESOLVED
    assert world.subject.state(world.outside(ticket)) is TicketState.RESOLVED


def test_opened_again_outside_stays_solved_here_and_is_not_closed_there(world: World) -> None:
    ticket = world.open()
    world.later()
    world.tickets.set_state(ticket.number, TicketState.RESOLVED)
    world.later()
    external_id = world.outside(ticket)
    world.subject.move(external_id, TicketState.IN_PROGRESS)
    assert world.mirror.nudge(external_id)
    world.later()
    assert world.state(ticket) is TicketState.RESOLVED
    assert world.subject.state(external_id) is TicketState.IN_PROGRESS


def test_solved_here_before_it_was_made_outside(world: World) -> None:
    ticket = world.open()
    world.subject.server.fail(Fault.SERVER_ERROR)
    world.later()
    world.tickets.set_state(ticket.number, TicketState.RESOLVED)
    world.later()
    assert world.subject.state(world.outside(ticket)) is TicketState.RESOLVED


def test_what_people_answer_outside_is_said_once_and_nothing_internal(world: World) -> None:
    ticket = world.open()
    world.later()
    outside, now = world.outside(ticket), world.clock.now()
    world.subject.says(outside, "the courier was called", internal=True)
    world.subject.says(outside, "it comes tomorrow", at=now)
    world.subject.says(outside, "and the bill, too", at=now)
    world.subject.says(outside, "of last week", at=now - timedelta(days=7))
    world.links.put_note(ticket.number, OutsideNote("n1", "ours"), now)
    for _ in range(3):
        world.later()
    assert list(world.tickets.said.values()) == ["it comes tomorrow", "and the bill, too"]


def test_what_is_answered_before_it_is_solved_outside_is_said_too(world: World) -> None:
    ticket = world.open()
    world.later()
    outside = world.outside(ticket)
    world.subject.says(outside, "it is here")
    world.subject.move(outside, TicketState.RESOLVED)
    world.later()
    assert list(world.tickets.said.values()) == ["it is here"]
    assert world.state(ticket) is TicketState.RESOLVED
    world.subject.says(outside, "one thing more")
    assert world.mirror.nudge(outside)
    world.later()
    assert list(world.tickets.said.values()) == ["it is here", "one thing more"]


def test_a_state_nobody_has_mapped_changes_nothing_here(world: World) -> None:
    ticket = world.open()
    world.later()
    world.subject.call_it(world.outside(ticket), "waiting for the moon")
    world.later()
    assert world.state(ticket) is TicketState.OPEN


def test_a_shops_own_words_are_read_and_set(world: World) -> None:
    desk = world.subject.desk
    desk.states = desk.states.with_changes({"in der post": TicketState.RESOLVED}, {})
    world.mirror = world.process(world.engine)
    ticket = world.open()
    world.later()
    world.subject.call_it(world.outside(ticket), "In der Post")
    world.later()
    assert world.state(ticket) is TicketState.RESOLVED


def test_a_ticket_deleted_outside_is_let_go(world: World) -> None:
    ticket = world.open()
    world.later()
    world.subject.delete(world.outside(ticket))
    world.later()
    assert world.state(ticket) is TicketState.OPEN
    assert world.later() == 0


def test_a_nudge_for_a_ticket_that_is_none_of_ours_does_nothing(world: World) -> None:
    assert not world.mirror.nudge("4711")
    assert world.later() == 0


def test_tickets_solved_before_the_desk_was_connected_stay_here(world: World) -> None:
    world.tickets.set_state(world.open("TS-1").number, TicketState.RESOLVED)
    waiting = world.open("TS-2")
    world.later()
    assert world.subject.tickets == [world.outside(waiting)]


def test_of_many_processes_one_makes_each_ticket(world: World) -> None:
    engines = [make_engine(world.engine.url.render_as_string(hide_password=False)) for _ in range(4)]
    processes = [world.process(engine) for engine in engines]
    for number in range(6):
        world.open(f"TS-{number}")
    in_parallel(lambda index: [processes[index].tick() for _ in range(3)], 4)
    assert len(world.subject.tickets) == 6
    for engine in engines:
        engine.dispose()


def test_a_process_that_died_leaves_its_work_to_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = world.open()

    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(StoredLinks, "linked", dies)
        with pytest.raises(SystemExit):
            world.later()
    assert world.later(seconds=30) == 0
    assert world.later(minutes=6) == 1
    assert world.subject.tickets == [world.outside(ticket)]


def test_the_customer_has_a_number_at_once_whatever_the_desk_does(world: World) -> None:
    world.subject.server.__exit__()
    ticket = world.open()
    assert (ticket.number, ticket.created_now) == ("PK-1001", True)
    world.later()
    assert "Unavailable" in world.link(ticket).error


def test_trouble_comes_first_in_the_list(world: World) -> None:
    fine = world.open("TS-1")
    world.later()
    world.subject.server.fail(Fault.SERVER_ERROR)
    bad = world.open("TS-2")
    world.open("TS-3")
    world.later(seconds=1)
    listed = [link.ticket_number for link in world.links.all(world.mirror.system, limit=9)]
    assert listed[-1] == fine.number
    assert bad.number in listed[:2]
