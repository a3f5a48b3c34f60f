"""`peyk tickets`: listed in the order of work, shown with their history, brought to their end."""

from __future__ import annotations

import pytest

from peyk.adapters.clock import SystemClock
from peyk.domain.conversations import Author
from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import Clocks, TicketReason
from peyk.ports.journal import CustomerMessage
from peyk.settings import load_settings
from peyk.store.engine import make_engine
from peyk.store.journal import StoredJournal
from peyk.store.tickets import BuiltinHelpdesk
from tests.unit.ops.cli_steps import Result, Run


def opened(
    reason: TicketReason, *, priority: Priority = Priority.NORMAL, note: str = "", queue: Queue = Queue.L1
) -> str:
    """Open a ticket in the store of the settings in force; return its number."""
    desk = BuiltinHelpdesk(make_engine(load_settings().store_url), SystemClock())
    ticket = desk.open(
        conversation_id="c1",
        reason=reason,
        order_number="TS-104233",
        mobile="09121234567",
        note=note,
        priority=priority,
        queue=queue,
        clocks=Clocks(SystemClock().now(), SystemClock().now()),
    )
    return ticket.number


def talk() -> StoredJournal:
    """Let the customer say something, in Persian."""
    kept = StoredJournal(make_engine(load_settings().store_url))
    kept.accept("c1", "rest", CustomerMessage("m1", "سلام"), language="fa", now=SystemClock().now())
    return kept


def test_tickets_are_listed_worked_on_and_resolved(run: Run) -> None:
    run("migrate")
    late, vip = opened(TicketReason.LATE), opened(TicketReason.DAMAGED, priority=Priority.VIP, queue=Queue.VIP)
    listed = run("tickets", "list").out.splitlines()
    assert [line.split()[0] for line in listed] == [vip, late]
    assert listed[1].split()[3:] == ["open", "late", "TS-104233", "l1", "normal", "-", "due"]
    assert "0912" not in "".join(listed)
    assert run("tickets", "list", "--queue", "vip").out.split()[0] == vip
    assert run("tickets", "set", late, "in_progress") == Result(0, f"{late} is in_progress\n", "")
    assert run("tickets", "list", "--state", "open").out.split()[0] == vip
    assert run("tickets", "list", "--state", "in_progress").out.split()[0] == late
    assert run("tickets", "set", late, "resolved").code == 0
    assert late not in run("tickets", "list").out
    assert late in run("tickets", "list", "--state", "resolved").out
    assert late in run("tickets", "list", "--search", "104233").out
    again = run("tickets", "set", late, "in_progress")
    why = f"peyk: {late} is resolved: `peyk tickets reopen {late}` opens it again\n"
    assert (again.code, again.err) == (1, why)


def test_a_ticket_is_shown_with_what_a_colleague_needs(run: Run) -> None:
    run("migrate")
    number = opened(TicketReason.FIX_ADDRESS, note="پلاک ۱۲\n\x1b[2Jنیم‌طبقه\u202e")
    shown = run("tickets", "show", number.lower()).out
    for part in (number, "open", "fix_address", "TS-104233", "09121234567", "نیم‌طبقه", "l1, normal", "customer"):
        assert part in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_summary_is_told_to_the_customer(run: Run) -> None:
    run("migrate")
    number, kept = opened(TicketReason.LATE), talk()
    done = run("tickets", "resolve", number, "--reason", "answered", "--summary", "بسته فردا می‌رسد.")
    assert done == Result(0, f"{number} is resolved (answered)\n", "")
    said = kept.entries("c1", after_seq=1, now=SystemClock().now(), limit=9)
    assert [(entry.author, number in str(entry.text)) for entry in said] == [(Author.SYSTEM, True)]
    assert str(said[0].text).endswith("بسته فردا می‌رسد.")
    shown = run("tickets", "show", number).out
    assert "resolved (answered)" in shown
    assert "from open, to resolved, reason answered" in shown


def test_a_resolved_ticket_is_opened_again(run: Run) -> None:
    run("migrate")
    number = opened(TicketReason.LATE)
    run("tickets", "resolve", number)
    assert run("tickets", "reopen", number, "--note", "the parcel came back").out == f"{number} is open\n"
    assert "the parcel came back" in run("tickets", "show", number).out


def test_a_duplicate_goes_into_the_other(run: Run) -> None:
    run("migrate")
    late, lost = opened(TicketReason.LATE), opened(TicketReason.LOST)
    assert run("tickets", "merge", late.lower(), lost).out == f"{late} went into {lost}\n"
    assert f"merged into {lost} (open)" in run("tickets", "show", late).out
    history = run("tickets", "show", lost).out
    assert f"  {late}  opened" in history
    assert run("tickets", "set", late, "resolved").err == f"peyk: {late} has gone into {lost}\n"
    assert run("tickets", "merge", lost, lost).err == "peyk: a ticket is not merged into itself\n"


@pytest.mark.parametrize("number", ["PK-1001", "PK-0", "nonsense", "PK-" + "9" * 40])
@pytest.mark.parametrize("command", [("show",), ("set", "resolved"), ("resolve",), ("reopen",)])
def test_an_unknown_ticket_is_one_line(run: Run, command: tuple[str, ...], number: str) -> None:
    run("migrate")
    result = run("tickets", command[0], number, *command[1:])
    assert (result.code, result.err) == (1, f"peyk: there is no ticket {number}: see `peyk tickets list`\n")


@pytest.mark.parametrize(
    ("state", "word"), [("open", "in_progress or resolved"), ("merged", "resolved"), ("done", "not one of")]
)
def test_a_ticket_is_not_set_to_another_state(run: Run, state: str, word: str) -> None:
    run("migrate")
    result = run("tickets", "set", opened(TicketReason.LATE), state)
    assert result.code == 2
    assert word in result.err
    assert "Traceback" not in result.err


def test_a_ticket_is_not_resolved_for_a_reason_that_is_none(run: Run) -> None:
    run("migrate")
    result = run("tickets", "resolve", opened(TicketReason.LATE), "--reason", "reopened")
    assert (result.code, "solved, answered" in result.err) == (2, True)
