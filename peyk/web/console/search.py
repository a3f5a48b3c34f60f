"""Search: by order number, ticket, mobile or words."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from peyk.ports.staff import Found
from peyk.text.digits import to_ascii_digits
from peyk.text.mobiles import find_mobiles, parse_mobile
from peyk.web.console.gate import Gate, Visit
from peyk.web.console.masking import hide
from peyk.web.console.parts import Parts

LIMIT = 30
WORDS_MAX = 100
EXCERPT = 160


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the page."""

    @router.get("/search")
    async def page(request: Request, q: str = "") -> Response:
        """Show what is found; what an operator may not see is not found."""
        visit = await gate.enter(request)
        words = " ".join(q[:WORDS_MAX].replace("\x00", "").split())
        found = await parts.run(lambda: _find(parts, visit, words)) if words else []
        return gate.show(visit, "search.html", words=words, found=found)


def _find(parts: Parts, visit: Visit, words: str) -> list[tuple[Found, str, str]]:
    plain = to_ascii_digits(words)
    mobiles = [each.value for each in find_mobiles(plain, parse_mobile)]
    found = parts.search.find(plain, mobile=str(mobiles[0]) if mobiles else None, limit=LIMIT)
    return [
        (each, hide(each.excerpt)[:EXCERPT], parts.staff.name(each.ownership.agent or ""))
        for each in found
        if _may_see(parts, visit, each)
    ]


def _may_see(parts: Parts, visit: Visit, found: Found) -> bool:
    handoff = parts.desk.packet(found.conversation_id)
    return visit.operator.may_see(found.ownership, handoff.queue if handoff else None)
