"""What was said in a conversation, for the program whose sender it is."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from peyk.channels import rest as channel
from peyk.domain.api_keys import Scope
from peyk.ports import Clock
from peyk.ports.journal import Journal
from peyk.web.api.answers import Api, Wrong

DEFAULT_LIMIT = 50
MOST = 100
# As far as both databases count.
LAST_SEQ = 2**31 - 1
MAX_DIGITS = 10


def routes(api: Api, journal: Journal, clock: Clock, link: Callable[[str], str]) -> APIRouter:
    """Return the route; `link` gives the path that opens a file."""
    router = APIRouter(prefix="/api/v1", include_in_schema=False)

    @router.get("/conversations/{sender:path}/messages")
    async def messages(request: Request, sender: str) -> Response:
        """Return what was said after a number, in order; what a proof opened is left out after its end."""

        async def answer(owner: str) -> Response:
            after = _number(request, "after", 0, least=0, most=LAST_SEQ)
            limit = _number(request, "limit", DEFAULT_LIMIT, least=1, most=MOST)
            if not channel.is_name(sender):
                raise Wrong("bad_query", 422)
            here, now = api.callers.conversation_id(owner, sender), clock.now()
            said = await api.memory.run(lambda: journal.entries(here, after_seq=after, now=now, limit=limit + 1))
            has_it = await api.memory.run(lambda: journal.owner(here))
            page = said[:limit]
            return JSONResponse(
                {
                    "sender": sender,
                    "owner": has_it.owner.value,
                    "messages": [channel.as_entry(entry, link) for entry in page if not entry.hidden],
                    "next": page[-1].seq if page else after,
                    "more": len(said) > limit,
                }
            )

        return await api.serve(request, Scope.READ_CONVERSATIONS, answer)

    return router


def _number(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    given = request.query_params.getlist(name)
    if not given:
        return default
    (value, *more) = given
    if more or not value.isascii() or not value.isdecimal() or len(value) > MAX_DIGITS:
        raise Wrong("bad_query", 422)
    if not least <= int(value) <= most:
        raise Wrong("bad_query", 422)
    return int(value)
