"""Tickets for operators, on both databases: of two at once one wins, and nothing is said twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.domain.conversations import Author, Owner, Ownership
from peyk.domain.queues import Priority, Queue
from peyk.domain.sla import Colour
from peyk.domain.ticket_steps import Refusal, TicketRefused
from peyk.domain.tickets import EventKind, StateReason, Ticket, TicketReason, TicketState
from peyk.ports.tickets import Sight, Wanted
from tests.contract.desks import Shop
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW, FakeClock

SOLVED = StateReason.SOLVED


@pytest.fixture
def shop(engine: Engine, clock: FakeClock) -> Shop:
    return Shop(engine, clock)


def attempt(call: Callable[[], Ticket]) -> str:
    """What came of it: done, or why not."""
    try:
        call()
    except TicketRefused as exc:
        return exc.code.value
    return "done"


def test_the_order_of_work(shop: Shop) -> None:
    oldest = shop.open(conversation_id="c1")
    shop.clock.advance(hours=1)
    vip = shop.open(conversation_id="c2", queue=Queue.VIP, priority=Priority.VIP)
    plain = shop.open(conversation_id="c3")
    pressing = shop.open(conversation_id="c4", priority=Priority.TOPIC)
    critical = shop.open(conversation_id="c5", priority=Priority.CRITICAL)
    listed = [each.ticket.number for each in shop.desk.worklist()]
    assert listed == [ticket.number for ticket in (critical, vip, oldest, pressing, plain)]
    assert [each.ticket.number for each in shop.desk.worklist(Wanted(queue=Queue.VIP))] == [vip.number]


def test_the_colours_of_the_list(shop: Shop) -> None:
    late = shop.open(conversation_id="c1")
    shop.clock.advance(minutes=50)
    shop.open(conversation_id="c2")
    colours = [each.colour for each in shop.desk.worklist()]
    assert colours == [Colour.SOON, Colour.OK]
    shop.clock.advance(minutes=10)
    assert shop.desk.get(late.number).colour is Colour.DUE


def test_found_by_state_operator_and_who_nobody_has(shop: Shop) -> None:
    mine, free = shop.open(conversation_id="c1"), shop.open(conversation_id="c2")
    shop.desk.take(mine.number, "sara")

    def found(wanted: Wanted) -> list[str]:
        return [each.ticket.number for each in shop.desk.worklist(wanted)]

    assert found(Wanted(assignee="sara")) == [mine.number]
    assert found(Wanted(nobodys=True)) == [free.number]
    assert found(Wanted(states=frozenset({TicketState.IN_PROGRESS}))) == [mine.number]
    assert found(Wanted(escalated=True)) == []
    assert found(Wanted(conversation_id="c2")) == [free.number]


def test_found_by_what_an_operator_may_see(shop: Shop) -> None:
    theirs, mine, vip, free = (
        shop.open(conversation_id=f"c{n}", queue=Queue.VIP if n == 2 else Queue.L1) for n in range(4)
    )
    shop.desk.take(theirs.number, "reza")
    shop.desk.take(mine.number, "sara")

    def found(sight: Sight, limit: int = 9) -> list[str]:
        return sorted(each.ticket.number for each in shop.desk.worklist(Wanted(sight=sight), limit=limit))

    assert found(Sight("sara")) == [mine.number, vip.number, free.number]
    assert found(Sight("sara", ("vip",))) == [mine.number, vip.number]
    assert len(found(Sight("sara"), limit=3)) == 3


@pytest.mark.parametrize(
    "words",
    ["PK-1001", "pk-1001", "1001", "۱۰۰۱", "TS-104233", "۱۰۴۲۳۳", "09121234567", "شکسته", "courier called", "50%_"],
)
def test_searched_by_number_order_mobile_and_words(shop: Shop, words: str) -> None:
    ticket = shop.open(order_number="TS-104233", mobile="09121234567", note="کارتن شکسته بود 50%_")
    shop.open(TicketReason.LOST, conversation_id="c2", note="another, 50 percent")
    shop.desk.note(ticket.number, "sara", "The Courier called back")
    shop.desk.resolve(ticket.number, "sara", SOLVED)
    assert [each.ticket.number for each in shop.desk.search(words)] == [ticket.number]


def test_nothing_is_searched_for_nothing(shop: Shop) -> None:
    shop.open()
    assert shop.desk.search("  ") == []


def test_two_operators_take_it_at_once(shop: Shop) -> None:
    number = shop.open().number
    results = in_parallel(lambda index: attempt(lambda: shop.desk.take(number, f"agent{index}")))
    assert sorted(map(str, results)) == ["done"] + ["taken"] * 7
    assert shop.kinds(number) == ["opened", "assigned"]
    assert shop.audit.events() == ["ticket.taken"]


def test_two_operators_resolve_it_at_once(shop: Shop) -> None:
    shop.write()
    number = shop.open().number
    resolve = shop.desk.resolve
    results = in_parallel(lambda index: attempt(lambda: resolve(number, "sara", SOLVED, f"summary {index}")))
    assert sorted(map(str, results)) == ["done"] + ["state"] * 7
    assert len(shop.said()) == 1


def test_an_answer_is_said_once_however_often_it_is_sent(shop: Shop) -> None:
    shop.write()
    number = shop.open().number
    in_parallel(lambda _: shop.desk.answer(number, "sara", "فردا می‌رسد.", message_id="x1"))
    shop.words.tell(number)
    shop.clock.advance(minutes=5)
    shop.tick()
    (entry,) = shop.said()
    assert entry.author is Author.SYSTEM
    assert str(entry.text).endswith("فردا می‌رسد.")
    assert number in str(entry.text)
    assert shop.kinds(number) == ["opened", "assigned", "message"]
    assert shop.ticket(number).first_answered_at == NOW
    assert shop.audit.events() == ["ticket.answered"]
    shop.desk.answer(number, "sara", "فردا می‌رسد.", message_id="x2")
    assert len(shop.said()) == 2
    shop.desk.resolve(number, "sara", SOLVED)
    assert shop.desk.answer(number, "sara", "فردا می‌رسد.", message_id="x2").state is TicketState.RESOLVED
    assert attempt(lambda: shop.desk.answer(number, "sara", "more", message_id="x3")) == "state"
    assert len(shop.said()) == 2


def test_what_was_written_and_not_said_is_said_later(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process died between the two."""
    shop.write(language="en")
    number = shop.open().number
    with monkeypatch.context() as dead:
        dead.setattr(shop.words, "tell", lambda _number: None)
        shop.desk.resolve(number, "sara", SOLVED, "It is with the courier.")
    shop.tick()
    assert shop.said() == [], "whoever wrote it may be about to say it"
    shop.clock.advance(minutes=1)
    in_parallel(lambda _: shop.tick(), 4)
    (entry,) = shop.said()
    assert entry.text == f"Your ticket {number} has been resolved:\nIt is with the courier."
    shop.clock.advance(minutes=1)
    shop.tick()
    assert len(shop.said()) == 1


def test_in_a_conversation_of_their_own_an_agent_speaks_themselves(shop: Shop) -> None:
    shop.write()
    number = shop.open().number
    queue, sara = Ownership(Owner.QUEUE), Ownership(Owner.AGENT, "sara")
    assert shop.journal.change_owner("c1", Ownership(), queue, NOW)
    assert shop.journal.change_owner("c1", queue, sara, NOW)
    shop.desk.answer(number, "sara", "I am looking.")
    other = shop.open(TicketReason.LOST)
    shop.desk.answer(other.number, "reza", "And I.")
    said = [(entry.author, str(entry.text).splitlines()[-1]) for entry in shop.said()]
    assert said == [(Author.AGENT, "I am looking."), (Author.SYSTEM, "And I.")]


def test_a_conversation_that_is_gone_is_in_the_history(shop: Shop) -> None:
    number = shop.open(conversation_id="c9").number
    shop.desk.answer(number, "sara", "hello?")
    assert shop.kinds(number) == ["opened", "assigned", "message", "untold"]
    assert shop.tickets.untold(before=NOW + timedelta(days=1), limit=9) == []


def test_a_note_is_nobodys_business_but_ours(shop: Shop) -> None:
    shop.write()
    number = shop.open().number
    for _ in range(2):
        shop.desk.note(number, "sara", "a\x00 difficult one", key="n1")
    assert shop.said() == []
    (note,) = [event for event in shop.desk.history(number) if event.kind is EventKind.NOTE]
    assert (note.by, note.text, note.at) == ("sara", "a difficult one", NOW)


def test_who_waits_for_the_customer_goes_on_when_they_write(shop: Shop) -> None:
    shop.write()
    number = shop.open().number
    shop.desk.wait(number, "sara", "کدام بسته؟")
    shop.clock.advance(hours=1)
    shop.tick()
    assert shop.ticket(number).state is TicketState.WAITING_CUSTOMER, "our own question is no answer"
    due = shop.ticket(number).due_solution_at
    shop.write("آن آبی")
    shop.tick()
    after = shop.ticket(number)
    assert (after.state, after.assignee) == (TicketState.IN_PROGRESS, "sara")
    assert after.due_solution_at is not None
    assert due is not None
    assert after.due_solution_at - due == timedelta(hours=1)


def test_files_once(shop: Shop) -> None:
    number = shop.open().number
    assert [shop.tickets.attach(number, "file-1", "customer", NOW) for _ in range(2)] == [True, False]
    assert [file.file_id for file in shop.desk.attachments(number)] == ["file-1"]
    assert shop.kinds(number) == ["opened", "attached"]
    assert shop.tickets.attach("PK-9999", "file-1", "sara", NOW) is False


def test_a_merged_ticket_is_found_with_the_other(shop: Shop) -> None:
    one, two, three = (shop.open(reason) for reason in (TicketReason.LATE, TicketReason.LOST, TicketReason.CUSTOMS))
    shop.desk.note(one.number, "sara", "kept")
    shop.tickets.attach(one.number, "file-1", "sara", NOW)
    shop.desk.merge(one.number, two.number, "sara")
    assert shop.desk.merge(two.number, three.number, "sara").number == three.number
    gone = shop.ticket(one.number)
    assert (gone.state, gone.merged_into, gone.merged_state) == (TicketState.MERGED, three.number, TicketState.OPEN)
    texts = [(event.number, event.text) for event in shop.desk.history(three.number)]
    assert (one.number, "kept") in texts
    assert [file.number for file in shop.desk.attachments(three.number)] == [one.number]
    told = shop.helpdesk.tickets_of(conversation_id="c1", mobile=None)
    assert [(ticket.number, ticket.merged_into) for ticket in told] == [
        (three.number, None),
        (two.number, three.number),
        (one.number, three.number),
    ]


def test_merges_at_once_in_both_directions(shop: Shop) -> None:
    one, two = shop.open(), shop.open(TicketReason.LOST)
    pair = (one.number, two.number)
    results = in_parallel(lambda index: attempt(lambda: shop.desk.merge(pair[index % 2], pair[1 - index % 2], "x")))
    assert sorted(map(str, results)) == ["done"] + ["merged"] * 7
    assert sorted(shop.ticket(number).state for number in pair) == [TicketState.MERGED, TicketState.OPEN]


def test_opened_again_it_goes_into_the_newer_one_of_the_same_matter(shop: Shop) -> None:
    old = shop.open()
    shop.desk.resolve(old.number, "sara", SOLVED)
    assert shop.desk.reopen(old.number, "lead").number == old.number
    shop.desk.resolve(old.number, "sara", SOLVED)
    new = shop.open()
    assert new.number != old.number
    assert shop.desk.reopen(old.number, "lead").number == new.number
    assert shop.ticket(old.number).merged_into == new.number


def test_raised_moved_and_assigned_by_hand(shop: Shop) -> None:
    number = shop.open().number
    raised = shop.desk.escalate(number, "sara", "the customer is furious")
    assert (raised.queue, raised.priority) == (Queue.L2, Priority.TOPIC)
    assert shop.desk.move(number, Queue.SECURITY, "lead").queue is Queue.SECURITY
    assert shop.desk.assign(number, "reza", "lead").assignee == "reza"
    with pytest.raises(TicketRefused):
        shop.desk.take(number, "sara")
    assert shop.audit.events() == ["ticket.escalated", "ticket.moved", "ticket.assigned"]


def test_what_is_not_there(shop: Shop) -> None:
    number = shop.open().number
    calls: list[Callable[[], Ticket]] = [
        lambda: shop.desk.take("PK-9999", "sara"),
        lambda: shop.desk.merge(number, "PK-9999", "sara"),
        lambda: shop.desk.note("nonsense", "sara", "x"),
        lambda: shop.desk.reopen("PK-" + "9" * 30, "sara"),
    ]
    for call in calls:
        with pytest.raises(TicketRefused) as refused:
            call()
        assert refused.value.code is Refusal.UNKNOWN
