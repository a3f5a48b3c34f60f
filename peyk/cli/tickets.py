"""Tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from peyk.cli.common import FAILED, WRONG_SETTING, printable, the_engine, the_settings
from peyk.domain.tickets import Ticket, TicketState
from peyk.launcher.console import complain, say

if TYPE_CHECKING:
    from peyk.store.tickets import BuiltinHelpdesk

app = typer.Typer(no_args_is_help=True, help="The tickets customers have opened.")

State = Annotated[TicketState | None, typer.Option(help="Only those in this state (default: all not resolved).")]
Number = Annotated[str, typer.Argument(help="The ticket's number, e.g. PK-1001.")]
MovedTo = Annotated[TicketState, typer.Argument(help="Where it stands now: in_progress or resolved.")]


@app.command("list")
def tickets_list(state: State = None) -> None:
    """List tickets in the order they should be worked on, one line each."""
    states = [state] if state else [TicketState.OPEN, TicketState.IN_PROGRESS]
    for ticket in _helpdesk().in_state(*states):
        about = ticket.order_number or "-"
        say(f"{ticket.number}  {ticket.created_at:%Y-%m-%d %H:%M}  {ticket.state:11}  {ticket.reason:14}  {about}")


@app.command("show")
def tickets_show(number: Number) -> None:
    """Show one ticket, with the customer's mobile and words."""
    ticket = _known(_helpdesk().by_number(number.upper()), number)
    lines = {
        "number": ticket.number,
        "state": ticket.state,
        "reason": ticket.reason,
        "order": ticket.order_number,
        "mobile": ticket.mobile,
        "opened": f"{ticket.created_at:%Y-%m-%d %H:%M} UTC",
        "changed": f"{ticket.updated_at:%Y-%m-%d %H:%M} UTC",
        "note": printable(ticket.note),
    }
    for name, value in lines.items():
        say(f"{name:8} {value or '-'}")
    from peyk.store.helpdesk_links import StoredLinks

    for link in StoredLinks(the_engine(the_settings())).of(ticket.number):
        say(f"outside  {link.system} {link.external_id or '(not there yet)'} {printable(link.error)}".rstrip())


@app.command("set")
def tickets_set(number: Number, state: MovedTo) -> None:
    """Move a ticket on. A resolved one stays resolved: the customer's next complaint opens another."""
    if state is TicketState.OPEN:
        complain("a ticket is set to in_progress or resolved; it is open by itself")
        raise typer.Exit(WRONG_SETTING)
    ticket = _known(_helpdesk().set_state(number.upper(), state), number)
    if ticket.state is not state:
        complain(f"{ticket.number} is resolved, and stays so")
        raise typer.Exit(FAILED)
    say(f"{ticket.number} is {ticket.state}")


def _helpdesk() -> BuiltinHelpdesk:
    from peyk.adapters.clock import SystemClock
    from peyk.store.tickets import BuiltinHelpdesk

    return BuiltinHelpdesk(the_engine(the_settings()), SystemClock())


def _known(ticket: Ticket | None, number: str) -> Ticket:
    if ticket is None:
        complain(f"there is no ticket {printable(number)}: see `peyk tickets list`")
        raise typer.Exit(FAILED)
    return ticket
