"""Which conversations an operator may see, and how one stands for them."""

from __future__ import annotations

from dataclasses import dataclass

from peyk.domain.conversations import Owner
from peyk.domain.handoff import Handoff
from peyk.domain.staff import Operator
from peyk.ports.journal import About
from peyk.ports.tickets import Wanted
from peyk.web.console.gate import Gate, TurnedAway, Visit
from peyk.web.console.parts import Parts


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation this operator may see."""

    id: str
    about: About
    handoff: Handoff | None
    agent: str
    mine: bool
    waits: bool
    movable: bool
    typing: bool
    opened: bool


async def seen(parts: Parts, gate: Gate, visit: Visit, here: str) -> Case:
    """Return a conversation. Raises TurnedAway (404) for an unknown one as for one this operator may not see."""

    def look() -> Case | None:
        about = parts.words.about(here)
        handoff = parts.desk.packet(here)
        if about is None or not may_see(parts, visit.operator, here, about, handoff):
            return None
        owner = about.ownership
        return Case(
            here,
            about,
            handoff,
            agent=parts.staff.name(owner.agent) if owner.agent else "",
            mine=owner.agent == visit.operator.id,
            waits=owner.owner is Owner.QUEUE,
            movable=owner.owner is Owner.AGENT and visit.operator.may_move(owner),
            typing=parts.signs.customer_writes(here),
            opened=parts.openings.is_open(visit.operator.id, here, parts.clock.now()),
        )

    case = await parts.run(look)
    if case is None:
        raise TurnedAway(gate.problem(visit, "no_conversation", 404))
    return case


def may_see(parts: Parts, operator: Operator, here: str, about: About, handoff: Handoff | None) -> bool:
    """Tell whether an operator may see a conversation."""
    if operator.may_see(about.ownership, handoff.queue if handoff else None):
        return True
    # Who works on a ticket has to know what it is about.
    wanted = Wanted(assignee=operator.id, conversation_id=here)
    return bool(parts.tickets.worklist(wanted))
