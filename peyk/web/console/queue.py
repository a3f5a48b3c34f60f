"""The queue: who waits, how long, and who has whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from peyk.domain.conversations import Owner
from peyk.domain.handoff import Waiting
from peyk.domain.sla import Colour
from peyk.domain.staff import Operator
from peyk.web.console import clocks
from peyk.web.console.gate import HOME, Gate, Visit, redirect
from peyk.web.console.parts import Parts


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list; `agent` is the name of who has it."""

    waiting: Waiting
    colour: Colour
    minutes: int
    agent: str

    @property
    def order(self) -> str:
        """The number of the order it is about, empty when it is about none."""
        return str((self.waiting.handoff.packet.order or {}).get("orderId", ""))


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the queue."""

    @router.get("")
    async def without_slash(request: Request) -> Response:
        """Lead to the queue; Starlette's own redirect names a scheme, behind nginx the wrong one."""
        return redirect(request, HOME)

    @router.get("/")
    async def page(request: Request) -> Response:
        """Show the queue beside an empty desk."""
        visit = await gate.enter(request)
        return gate.show(visit, "queue.html", open_id="", **await listed(parts, visit))

    @router.get("/queue")
    async def part(request: Request, open_id: str = "") -> Response:
        """Return the list alone; pages ask for it when something has changed."""
        visit = await gate.enter(request, there=False)
        return gate.show(visit, "_queue.html", open_id=open_id, **await listed(parts, visit))


async def listed(parts: Parts, visit: Visit) -> dict[str, Any]:
    """Return what an operator sees of the queue: theirs, who waits, and with SEE_ALL what others have."""
    rows = await parts.run(lambda: rows_for(parts, visit.operator))
    mine = [row for row in rows if row.waiting.ownership.agent == visit.operator.id]
    waiting = [row for row in rows if row.waiting.ownership.owner is Owner.QUEUE]
    others = [row for row in rows if row not in mine and row not in waiting]
    return {"groups": [("mine", mine), ("waiting", waiting), ("others", others)]}


def rows_for(parts: Parts, operator: Operator) -> list[Row]:
    """Return the rows this operator may see, in the order of work."""
    now, hours = parts.clock.now(), parts.hours.current()
    seen: Sequence[Waiting] = [
        each
        for each in parts.desk.waiting()
        if each.ownership.owner is not Owner.BOT and operator.may_see(each.ownership, each.handoff.queue)
    ]
    names = {each.ownership.agent: parts.staff.name(each.ownership.agent) for each in seen if each.ownership.agent}
    return [
        Row(
            each,
            clocks.colour(each, hours, now),
            clocks.minutes(each, now),
            names.get(each.ownership.agent or "", ""),
        )
        for each in seen
    ]
