"""Tells open pages that something has changed; what has, they ask for themselves."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from peyk.errors import ExternalError
from peyk.web.console.gate import Gate, TurnedAway, Visit
from peyk.web.console.parts import Parts

# Another process's changes are seen as late as this.
LOOK_EVERY_S = 2.0
# Proxies close what is silent for a minute.
HEARTBEAT_S = 15.0
BYE = "event: bye\ndata: {}\n\n"


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the stream."""

    @router.get("/events")
    async def events(request: Request) -> Response:
        """Stream `changed` for as long as the session lasts, then `bye`."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        try:
            visit = await gate.enter(request, there=False)
        except TurnedAway:
            # A page that is still open goes to the log-in; a browser would not follow a redirect with its stream.
            return Response(BYE, media_type="text/event-stream", headers=headers)
        return StreamingResponse(_stream(parts, gate, visit), media_type="text/event-stream", headers=headers)


async def _stream(parts: Parts, gate: Gate, visit: Visit) -> AsyncIterator[str]:
    quiet_since = time.monotonic()
    with parts.live.watch_all() as watch:
        # Looked at before the page asks for the first time: what changes in between is told.
        known = await _stands(parts)
        yield "retry: 2000\nevent: changed\ndata: {}\n\n"
        while True:
            news = await watch.changed(LOOK_EVERY_S)
            try:
                await gate.enter(visit.request, there=False)
            except TurnedAway:
                yield BYE
                return
            except ExternalError:
                continue
            stands = await _stands(parts)
            if news or (stands is not None and stands != known):
                known, quiet_since = stands or known, time.monotonic()
                yield "event: changed\ndata: {}\n\n"
            elif time.monotonic() - quiet_since >= HEARTBEAT_S:
                quiet_since = time.monotonic()
                yield ": still here\n\n"


async def _stands(parts: Parts) -> tuple[object, ...] | None:
    """Return how the queue stands; None while the store is away."""
    try:
        return await parts.run(lambda: _signature(parts))
    except ExternalError:
        return None


def _signature(parts: Parts) -> tuple[object, ...]:
    return tuple(
        (each.handoff.id, each.handoff.queue, each.ownership, each.last_entry_at, each.unread)
        for each in parts.desk.waiting()
    )
