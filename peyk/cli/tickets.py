"""Tickets: what there is to do, and what is done with one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import FAILED, WRONG_SETTING, printable, the_engine, the_settings
from peyk.domain.queues import Queue
from peyk.domain.ticket_steps import Refusal, TicketRefused
from peyk.domain.tickets import RESOLUTIONS, UNRESOLVED, StateReason, Ticket, TicketEvent, TicketState
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from datetime import datetime

    from peyk.services.ticket_desk import Listed, TicketDesk

app = typer.Typer(no_args_is_help=True, help="The tickets customers have opened.")

# Who did it, in the history.
BY = "cli"
State = Annotated[TicketState | None, typer.Option(help="Only those in this state (default: all not resolved).")]
Only = Annotated[Queue | None, typer.Option("--queue", help="Only those of this queue.")]
Whose = Annotated[str | None, typer.Option("--assignee", help="Only those this operator has.")]
Words = Annotated[str | None, typer.Option("--search", help="Number, order, mobile or words; of any state.")]
Number = Annotated[str, typer.Argument(help="The ticket's number, e.g. PK-1001.")]
Into = Annotated[str, typer.Argument(help="The ticket it goes into.")]
MovedTo = Annotated[TicketState, typer.Argument(help="Where it stands now: in_progress or resolved.")]
Why = Annotated[StateReason, typer.Option("--reason", help=f"How it ended: {', '.join(RESOLUTIONS)}.")]
Summary = Annotated[str, typer.Option(help="What the customer is told; nothing is said without it.")]
Forced = Annotated[bool, typer.Option("--force", help="Also when they are of different customers.")]
Note = Annotated[str, typer.Option(help="Why, for the colleagues.")]


@app.command("list")
def tickets_list(state: State = None, queue: Only = None, assignee: Whose = None, search: Words = None) -> None:
    """List tickets in the order they should be worked on, one line each: how their clocks stand comes last."""
    from peyk.ports.tickets import Wanted
    from peyk.services.ticket_desk import EVERY_STATE

    states = frozenset({state}) if state else EVERY_STATE if search else UNRESOLVED
    with _desk() as desk:
        for each in desk.worklist(Wanted(states, queue, assignee, words=search or "")):
            say(_line(each))


@app.command("show")
def tickets_show(number: Number) -> None:
    """Show one ticket, with the customer's mobile and words, and what has happened to it."""
    with _desk(number) as desk:
        listed, history, files = desk.get(number), desk.history(number), desk.attachments(number)
    for name, value in _facts(listed).items():
        if value:
            say(f"{name:9} {value}")
    for file in files:
        say(f"{'file':9} {file.file_id}")
    for event in history:
        say(_told(event))
    from peyk.store.helpdesk_links import StoredLinks

    for link in StoredLinks(the_engine(the_settings())).of(number):
        say(f"{'outside':9} {link.system} {link.external_id or '(not there yet)'} {printable(link.error)}".rstrip())


@app.command("set")
def tickets_set(number: Number, state: MovedTo) -> None:
    """Move a ticket on, without a word to the customer."""
    if state not in {TicketState.IN_PROGRESS, TicketState.RESOLVED}:
        complain("a ticket is set to in_progress or resolved; for others see `peyk tickets --help`")
        raise typer.Exit(WRONG_SETTING)
    with _desk(number) as desk:
        ticket = desk.get(number).ticket
        if ticket.state is not state:
            moved = state is TicketState.RESOLVED
            ticket = desk.resolve(number, BY, StateReason.SOLVED, force=True) if moved else desk.begin(number, BY)
    say(f"{ticket.number} is {ticket.state}")


@app.command("resolve")
def tickets_resolve(number: Number, reason: Why = StateReason.SOLVED, summary: Summary = "") -> None:
    """Bring a ticket to its end, and tell the customer how."""
    if reason not in RESOLUTIONS:
        complain(f"a ticket is resolved as one of {', '.join(RESOLUTIONS)}")
        raise typer.Exit(WRONG_SETTING)
    with _desk(number) as desk:
        ticket = desk.resolve(number, BY, reason, summary, force=True)
    say(f"{ticket.number} is resolved ({reason})")


@app.command("reopen")
def tickets_reopen(number: Number, note: Note = "") -> None:
    """Open a resolved ticket again; if a newer one of the same matter is open it goes into that one."""
    with _desk(number) as desk:
        ticket = desk.reopen(number, BY, note)
    say(f"{ticket.number} is {ticket.state}")


@app.command("merge")
def tickets_merge(number: Number, into: Into, force: Forced = False) -> None:
    """Merge a duplicate into another ticket; its history and files are found there."""
    with _desk(number, into) as desk:
        ticket = desk.merge(number, into, BY, force=force)
    say(f"{number.upper()} went into {ticket.number}")


@contextmanager
def _desk(*numbers: str) -> Iterator[TicketDesk]:
    from peyk.bootstrap import build

    peyk = build(the_settings())
    try:
        yield peyk.desk
    except TicketRefused as exc:
        complain(_why(exc, numbers))
        raise typer.Exit(FAILED) from None
    finally:
        peyk.close()


def _why(refused: TicketRefused, numbers: tuple[str, ...]) -> str:
    ticket = refused.ticket
    if ticket is None:
        return f"there is no ticket {' or '.join(map(printable, numbers))}: see `peyk tickets list`"
    if refused.code is Refusal.TAKEN:
        return f"{ticket.number} is worked on by {ticket.assignee}"
    if ticket.state is TicketState.MERGED:
        return f"{ticket.number} has gone into {ticket.merged_into}"
    if refused.code is Refusal.CUSTOMER:
        return "the tickets agree neither in conversation nor in mobile; `--force` merges them all the same"
    if refused.code is Refusal.MERGED:
        return "a ticket is not merged into itself"
    return f"{ticket.number} is resolved: `peyk tickets reopen {ticket.number}` opens it again"


def _line(listed: Listed) -> str:
    ticket = listed.ticket
    parts = (
        ticket.number,
        f"{ticket.created_at:%Y-%m-%d %H:%M}",
        f"{ticket.state:16}",
        f"{ticket.reason:14}",
        f"{ticket.order_number or '-':12}",
        f"{ticket.queue:8}",
        f"{ticket.priority.name.lower():8}",
        f"{printable(ticket.assignee or '-'):10}",
        listed.colour.value,
    )
    return "  ".join(parts)


def _facts(listed: Listed) -> dict[str, str | None]:
    ticket = listed.ticket
    return {
        "number": ticket.number,
        "state": _state(ticket),
        "reason": ticket.reason,
        "queue": f"{ticket.queue}, {ticket.priority.name.lower()}",
        "clocks": listed.colour.value,
        "answer": _due(ticket.due_first_answer_at, ticket.first_answered_at),
        "solution": _due(ticket.due_solution_at, ticket.resolved_at),
        "assignee": printable(ticket.assignee or ""),
        "order": ticket.order_number,
        "mobile": ticket.mobile,
        "opened": f"{ticket.created_at:%Y-%m-%d %H:%M} UTC",
        "changed": f"{ticket.updated_at:%Y-%m-%d %H:%M} UTC",
        "note": printable(ticket.note) or "-",
        "summary": printable(ticket.summary or ""),
    }


def _state(ticket: Ticket) -> str:
    if ticket.merged_into:
        return f"merged into {ticket.merged_into} ({ticket.merged_state})"
    return f"{ticket.state} ({ticket.state_reason})" if ticket.state_reason else ticket.state


def _due(due: datetime | None, done: datetime | None) -> str | None:
    if done is not None:
        return f"{done:%Y-%m-%d %H:%M} UTC"
    return f"due {due:%Y-%m-%d %H:%M} UTC" if due else None


def _told(event: TicketEvent) -> str:
    detail = ", ".join(f"{name} {value}" for name, value in event.detail.items() if value)
    about = printable(" ".join(part for part in (detail, event.text) if part))
    return f"{event.at:%Y-%m-%d %H:%M}  {event.number}  {event.kind:9}  {printable(event.by)}: {about}".rstrip(" :")
