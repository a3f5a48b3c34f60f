"""Tickets: the list, one with its history, and what is done with it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from peyk.domain.queues import Queue
from peyk.domain.staff import Operator, Permission
from peyk.domain.ticket_steps import TicketRefused
from peyk.domain.tickets import RESOLUTIONS, UNRESOLVED, StateReason, Ticket, TicketEvent, TicketState
from peyk.ports.tickets import Sight, Wanted
from peyk.services.ticket_desk import Listed
from peyk.web.console.gate import Gate, TurnedAway, Visit, redirect
from peyk.web.console.masking import hide
from peyk.web.console.parts import Parts

TEXT_MAX = 4000
VIEWS = {
    "open": UNRESOLVED,
    "mine": UNRESOLVED,
    "done": frozenset({TicketState.RESOLVED, TicketState.MERGED}),
}
Step = Callable[[Parts, Visit, str], object]


class NoSuchColleague(Exception):
    """A ticket is to be given to somebody who is disabled, or unknown."""


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the pages."""

    @router.get("/tickets")
    async def page(request: Request, view: str = "open", queue: str = "") -> Response:
        """List tickets in the order of work."""
        visit = await gate.enter(request)
        view = view if view in VIEWS else "open"
        wanted = Queue(queue) if queue in list(Queue) else None
        assignee = visit.operator.id if view == "mine" else None

        def look() -> list[tuple[Ticket, str, str]]:
            sight = None if visit.operator.may(Permission.SEE_ALL) else Sight(visit.operator.id, visit.operator.queues)
            found = parts.tickets.worklist(Wanted(VIEWS[view], queue=wanted, assignee=assignee, sight=sight))
            return [(each.ticket, each.colour.value, _who(parts, each.ticket.assignee or "")) for each in found]

        rows = await parts.run(look)
        return gate.show(visit, "tickets.html", rows=rows, view=view, queue=wanted, queues=list(Queue), views=VIEWS)

    @router.get("/tickets/{number}")
    async def one(request: Request, number: str) -> Response:
        """Show one with its history."""
        visit = await gate.enter(request)
        listed = await _found(parts, gate, visit, number)
        ticket = listed.ticket

        def look() -> dict[str, Any]:
            opened = _is_open(parts, visit, ticket)
            return {
                "history": _told(parts, visit, ticket),
                "opened": opened,
                "files": _evidence(parts, visit, ticket),
                "queues": [each for each in Queue if each is not ticket.queue],
                "assignee": _who(parts, ticket.assignee or ""),
                "colour": listed.colour.value,
                "note": ticket.note if opened else hide(ticket.note),
                "everybody": [each for each in parts.staff.everybody() if each.active],
            }

        shown = await parts.run(look)
        key = secrets.token_hex(12)
        return gate.show(visit, "ticket.html", ticket=ticket, resolutions=RESOLUTIONS, key=key, **shown)

    @router.get("/tickets/{number}/files/{file_id}")
    async def file(request: Request, number: str, file_id: str) -> Response:
        """Lead to a file of a ticket, or of one merged into it, by a link that is over soon."""
        visit = await gate.enter(request)
        ticket = (await _found(parts, gate, visit, number)).ticket
        evidence = await parts.run(lambda: _evidence(parts, visit, ticket))
        if parts.files is None or file_id not in {known for known, _, _ in evidence}:
            return gate.problem(visit, "file_gone", 404)
        return redirect(request, parts.files.link(file_id))

    _steps(router, parts, gate)


def _steps(router: APIRouter, parts: Parts, gate: Gate) -> None:
    @router.post("/tickets/{number}/{what}")
    async def step(request: Request, number: str, what: str) -> Response:
        """Do something with a ticket."""
        if what not in STEPS:
            return Response(status_code=404)
        permission, do = STEPS[what]
        visit = await gate.form(request, permission)
        ticket = (await _found(parts, gate, visit, number)).ticket
        try:
            await parts.run(lambda: do(parts, visit, ticket.number))
        except TicketRefused as refused:
            return gate.problem(visit, f"ticket_{refused.code.value}", 409)
        except NoSuchColleague:
            return gate.problem(visit, "operator_away", 409)
        parts.live.nudge(ticket.conversation_id)
        return redirect(request, f"/console/tickets/{ticket.number}")


def _take(parts: Parts, visit: Visit, number: str) -> None:
    parts.tickets.take(number, visit.operator.id)


def _note(parts: Parts, visit: Visit, number: str) -> None:
    text = visit.field("text", limit=TEXT_MAX)
    if text:
        parts.tickets.note(number, visit.operator.id, text)


def _answer(parts: Parts, visit: Visit, number: str) -> None:
    text = visit.field("text", limit=TEXT_MAX)
    if text:
        key = f"{visit.operator.id}:{visit.field('key', limit=64)}"
        parts.tickets.answer(number, visit.operator.id, text, message_id=key)


def _resolve(parts: Parts, visit: Visit, number: str) -> None:
    reason = visit.field("reason", limit=32)
    if reason in RESOLUTIONS:
        summary = visit.field("summary", limit=TEXT_MAX)
        parts.tickets.resolve(number, visit.operator.id, StateReason(reason), summary, force=_forced(visit))


def _wait(parts: Parts, visit: Visit, number: str) -> None:
    text = visit.field("text", limit=TEXT_MAX)
    if text:
        # The answer's form on the same page has the same key.
        key = f"{visit.operator.id}:{visit.field('key', limit=64)}:wait"
        parts.tickets.wait(number, visit.operator.id, text, message_id=key)


def _move(parts: Parts, visit: Visit, number: str) -> None:
    queue = visit.field("queue", limit=32)
    if queue in list(Queue):
        parts.tickets.move(number, Queue(queue), visit.operator.id, force=visit.operator.may(Permission.REASSIGN))


def _escalate(parts: Parts, visit: Visit, number: str) -> None:
    parts.tickets.escalate(number, visit.operator.id, visit.field("text", limit=TEXT_MAX))


def _forced(visit: Visit) -> bool:
    return visit.field("force", limit=8) == "yes" and visit.operator.may(Permission.REASSIGN)


def _reopen(parts: Parts, visit: Visit, number: str) -> None:
    parts.tickets.reopen(number, visit.operator.id)


def _assign(parts: Parts, visit: Visit, number: str) -> None:
    to = visit.field("to", limit=32) or None
    colleague = parts.staff.operator(to) if to else None
    if to and (colleague is None or not colleague.active):
        raise NoSuchColleague
    parts.tickets.assign(number, to, visit.operator.id)


def _merge(parts: Parts, visit: Visit, number: str) -> None:
    parts.tickets.merge(number, visit.field("into", limit=32).upper(), visit.operator.id, force=_forced(visit))


STEPS: Mapping[str, tuple[Permission, Step]] = {
    "take": (Permission.WORK, _take),
    "note": (Permission.WORK, _note),
    "answer": (Permission.WORK, _answer),
    "wait": (Permission.WORK, _wait),
    "move": (Permission.WORK, _move),
    "escalate": (Permission.WORK, _escalate),
    "resolve": (Permission.WORK, _resolve),
    "reopen": (Permission.WORK, _reopen),
    "assign": (Permission.REASSIGN, _assign),
    "merge": (Permission.REASSIGN, _merge),
}


async def _found(parts: Parts, gate: Gate, visit: Visit, number: str) -> Listed:
    """Return a ticket. Raises TurnedAway (404) for an unknown one as for one this operator may not see."""
    try:
        listed = await parts.run(lambda: parts.tickets.get(number.upper()))
    except TicketRefused:
        listed = None
    if listed is None or not _may_see(visit.operator, listed.ticket):
        raise TurnedAway(gate.problem(visit, "no_ticket", 404))
    return listed


def _may_see(operator: Operator, ticket: Ticket) -> bool:
    """Tell whether a ticket is this operator's business: their own, in one of their queues, or any."""
    if operator.may(Permission.SEE_ALL) or ticket.assignee == operator.id:
        return True
    return ticket.assignee is None and (not operator.queues or ticket.queue.value in operator.queues)


def _is_open(parts: Parts, visit: Visit, ticket: Ticket) -> bool:
    """Tell whether this operator has opened the personal data of the conversation a ticket is of."""
    return parts.openings.is_open(visit.operator.id, ticket.conversation_id, parts.clock.now())


def _evidence(parts: Parts, visit: Visit, ticket: Ticket) -> list[tuple[str, str, str]]:
    """Return id, name and type of every file of a ticket."""
    if parts.files is None:
        return []
    opened = _is_open(parts, visit, ticket)
    return [
        (each.id, each.name if opened else hide(each.name), each.media_type)
        for each in parts.files.of_ticket(ticket.number)
    ]


def _told(parts: Parts, visit: Visit, ticket: Ticket) -> list[tuple[TicketEvent, str]]:
    """Return the history with who did what; what came from a merged ticket is hidden as that one's conversation is."""
    history = parts.tickets.history(ticket.number)
    opened = {
        number: _is_open(parts, visit, parts.tickets.get(number).ticket)
        for number in {event.number for event in history}
    }
    return [
        (event if opened[event.number] else replace(event, text=hide(event.text)), _who(parts, event.by))
        for event in history
    ]


def _who(parts: Parts, by: str) -> str:
    """Return the name of an operator; empty for the customer and the system, who have none."""
    return parts.staff.name(by) if by else ""
