"""Escalation and "did it help?": once, whoever ticks, and never at night."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from peyk.domain.conversations import Author, Caller, Owner, Ownership
from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import EventKind, StateReason, Ticket, TicketReason, TicketState
from peyk.errors import Unavailable
from peyk.ports.journal import CustomerMessage
from peyk.services.helped import Outcome
from tests.contract.desks import Shop
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import FakeClock

TEHRAN = ZoneInfo("Asia/Tehran")
CUSTOMER = Caller("c1")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in Tehran; the 21st is a Saturday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN)


@pytest.fixture
def shop(engine: Engine, clock: FakeClock) -> Shop:
    shop = Shop(engine, clock)
    shop.write()
    return shop


def resolved(shop: Shop, when: datetime | None = None) -> Ticket:
    number = shop.open().number
    shop.clock.time = when or shop.clock.time
    return shop.desk.resolve(number, "sara", StateReason.SOLVED)


def follow_ups(shop: Shop, number: str) -> list[str]:
    events = [event for event in shop.desk.history(number) if event.kind is EventKind.FOLLOW_UP]
    return [event.detail["asked"] for event in events]


def test_it_escalates_once_in_all_processes(shop: Shop) -> None:
    number = shop.open().number
    shop.tick()
    assert shop.kinds(number) == ["opened"]
    shop.clock.advance(hours=1)
    in_parallel(lambda _: shop.tick())
    raised = shop.ticket(number)
    assert (raised.queue, raised.priority, raised.escalated_for) == (Queue.L2, Priority.TOPIC, "first_answer")
    assert shop.kinds(number) == ["opened", "escalated"]
    assert shop.audit.events() == ["ticket.escalated"]
    shop.clock.time = at(24, 12)
    shop.tick()
    shop.tick()
    assert shop.ticket(number).priority is Priority.CRITICAL
    assert shop.kinds(number) == ["opened", "escalated", "escalated"]


@pytest.mark.parametrize("minutes", [20, 60 * 12])
def test_nothing_is_due_at_night_or_on_friday(shop: Shop, minutes: int) -> None:
    shop.clock.time = at(26, 12, 45)
    number = shop.open().number
    shop.clock.advance(minutes=minutes)
    shop.tick()
    shop.clock.time = at(28, 9, 44)
    shop.tick()
    assert shop.kinds(number) == ["opened"]
    shop.clock.time = at(28, 9, 45)
    shop.tick()
    assert shop.kinds(number) == ["opened", "escalated"]


def test_a_holiday_the_shop_enters_stops_the_clocks(shop: Shop) -> None:
    plan = shop.office.plan()
    closed = {at(21, 0).date(): "", at(22, 0).date(): "a feast"}
    assert shop.office.change(type(plan)(plan.weekly, closed), "lead")
    assert shop.open().due_first_answer_at == at(23, 10)


def test_asked_after_a_day_once(shop: Shop) -> None:
    ticket = resolved(shop)
    shop.clock.advance(hours=23)
    shop.tick()
    assert shop.said() == []
    shop.clock.advance(hours=1)
    in_parallel(lambda _: shop.tick())
    shop.clock.advance(hours=1)
    shop.tick()
    (entry,) = shop.said()
    assert entry.author is Author.SYSTEM
    assert [button.title for button in entry.buttons] == ["بله، حل شد", "نه، هنوز حل نشده"]
    assert ticket.number in str(entry.text)
    assert follow_ups(shop, ticket.number) == ["yes"]
    payloads = [
        shop.journal.accept("c1", "rest", tapped(button.token), language=None, now=shop.clock.now()).payload
        for button in entry.buttons
    ]
    assert payloads == [f"peyk:helped:{ticket.number}:yes", f"peyk:helped:{ticket.number}:no"]


def tapped(token: str) -> CustomerMessage:
    return CustomerMessage(f"tap-{token}", token=token)


def test_never_at_night(shop: Shop) -> None:
    ticket = resolved(shop, at(21, 20, 30))
    shop.clock.time = at(22, 21, 5)
    shop.tick()
    shop.clock.time = at(23, 3)
    shop.tick()
    shop.clock.time = at(23, 8, 59)
    shop.tick()
    assert shop.said() == []
    shop.clock.time = at(23, 9)
    shop.tick()
    assert len(shop.said()) == 1
    assert follow_ups(shop, ticket.number) == ["yes"]


def test_after_three_days_it_is_dropped_and_noted(shop: Shop) -> None:
    ticket = resolved(shop)
    shop.clock.advance(hours=72)
    shop.tick()
    shop.tick()
    assert shop.said() == []
    assert follow_ups(shop, ticket.number) == ["no"]


def test_not_while_a_person_has_the_conversation(shop: Shop) -> None:
    ticket = resolved(shop)
    queue = Ownership(Owner.QUEUE)
    shop.journal.change_owner("c1", Ownership(), queue, shop.clock.now())
    shop.clock.advance(hours=25)
    shop.tick()
    assert shop.said() == []
    shop.journal.change_owner("c1", queue, Ownership(), shop.clock.now())
    shop.clock.advance(hours=1)
    shop.tick()
    assert len(shop.said()) == 1
    assert follow_ups(shop, ticket.number) == ["yes"]


def test_a_conversation_that_is_gone_is_not_asked(shop: Shop) -> None:
    number = shop.open(conversation_id="c9").number
    shop.desk.resolve(number, "sara", StateReason.SOLVED)
    shop.clock.advance(hours=25)
    shop.tick()
    assert follow_ups(shop, number) == ["no"]


def test_it_is_not_asked_of_what_is_open_again(shop: Shop) -> None:
    ticket = resolved(shop)
    shop.desk.reopen(ticket.number, "lead")
    shop.clock.advance(hours=25)
    shop.tick()
    assert shop.said() == []
    assert shop.ticket(ticket.number).reopened


def test_yes_is_thanked_and_changes_nothing(shop: Shop) -> None:
    number = resolved(shop).number
    results = [shop.did_it_help.helped(CUSTOMER, number, yes=True) for _ in range(2)]
    assert [result.outcome for result in results] == [Outcome.THANKS] * 2
    assert shop.ticket(number).state is TicketState.RESOLVED
    assert shop.kinds(number).count("helped") == 1


def test_no_opens_it_again_once(shop: Shop) -> None:
    number = resolved(shop).number
    shop.clock.advance(hours=24)
    results = in_parallel(lambda _: shop.did_it_help.helped(CUSTOMER, number, yes=False).number)
    assert set(results) == {number}
    after = shop.ticket(number)
    assert (after.state, after.state_reason) == (TicketState.OPEN, StateReason.NOT_HELPED)
    assert after.due_first_answer_at == shop.clock.now() + timedelta(hours=1)
    assert shop.kinds(number).count("helped") == 1
    again = shop.did_it_help.helped(CUSTOMER, number, yes=False)
    assert (again.outcome, number in again.words("fa")) == (Outcome.OPEN, True)


def test_the_first_no_says_that_it_is_open_again(shop: Shop) -> None:
    number = resolved(shop).number
    first = shop.did_it_help.helped(CUSTOMER, number, yes=False)
    assert first.outcome is Outcome.REOPENED
    assert "reopened" in first.words("en")


@pytest.mark.parametrize("number", ["PK-1001", "PK-1002", "nonsense"])
def test_only_the_conversation_of_the_ticket_may_say_so(shop: Shop, number: str) -> None:
    resolved(shop)
    result = shop.did_it_help.helped(Caller("c2"), number, yes=False)
    assert (result.outcome, result.number) == (Outcome.UNKNOWN, None)
    assert "PK-" not in result.words("en")
    assert shop.ticket("PK-1001").state is TicketState.RESOLVED


def test_no_to_what_was_reported_anew_goes_into_the_new_one(shop: Shop) -> None:
    old = resolved(shop)
    new = shop.open()

    def say_no(_: int) -> tuple[Outcome, str | None]:
        result = shop.did_it_help.helped(CUSTOMER, old.number, yes=False)
        return result.outcome, result.number

    assert set(in_parallel(say_no, 4)) == {(Outcome.OPEN, new.number)}
    assert shop.ticket(old.number).merged_into == new.number
    assert "helped" in shop.kinds(new.number)


def test_no_to_what_was_merged_opens_the_ticket_it_went_into(shop: Shop) -> None:
    old, other = resolved(shop), shop.open(TicketReason.LOST, conversation_id="c2")
    shop.desk.merge(old.number, other.number, "sara", force=True)
    assert shop.did_it_help.helped(CUSTOMER, old.number, yes=False).outcome is Outcome.OPEN
    shop.desk.resolve(other.number, "sara", StateReason.SOLVED)
    assert shop.did_it_help.helped(CUSTOMER, old.number, yes=True).outcome is Outcome.THANKS
    assert shop.ticket(other.number).state is TicketState.RESOLVED
    result = shop.did_it_help.helped(CUSTOMER, old.number, yes=False)
    assert (result.outcome, result.number) == (Outcome.REOPENED, other.number)
    assert shop.ticket(other.number).reopened
    assert shop.did_it_help.helped(CUSTOMER, other.number, yes=False).outcome is Outcome.UNKNOWN


def test_one_part_that_fails_does_not_keep_the_others(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    number = shop.open(TicketReason.LOST).number

    def fail() -> None:
        raise Unavailable("store")

    monkeypatch.setattr(shop.words, "tell_the_rest", fail)
    shop.clock.advance(hours=2)
    shop.tick()
    assert "escalated" in shop.kinds(number)
