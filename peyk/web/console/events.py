"""Tells open pages that something has changed; what has, they ask for themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from peyk.errors import ExternalError
from peyk.web.console.gate import Gate, TurnedAway, Visit
from peyk.web.console.parts import Parts
from peyk.web.console.sight import may_see
from peyk.web.live import Watch

# Another process's changes are seen as late as this.
LOOK_EVERY_S = 2.0
# However much is said: each round asks the store, and lets the page ask.
ROUND_S = 1.0
# Proxies close what is silent for a minute.
HEARTBEAT_S = 15.0
BYE = "event: bye\ndata: {}\n\n"


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the stream."""

    @router.get("/events")
    async def events(request: Request, here: str = "") -> Response:
        """Stream `changed` for as long as the session lasts, then `bye`; `here` is the conversation that is open."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        try:
            visit = await gate.enter(request, there=False)
        except TurnedAway:
            # A page that is still open goes to the log-in; a browser would not follow a redirect with its stream.
            return Response(BYE, media_type="text/event-stream", headers=headers)
        return StreamingResponse(_stream(parts, gate, visit, here), media_type="text/event-stream", headers=headers)


async def _stream(parts: Parts, gate: Gate, visit: Visit, here: str) -> AsyncIterator[str]:
    quiet_since = time.monotonic()
    with parts.live.watch_all() as watch, _leaving(parts, watch) as leaving:
        # Looked at before the page asks for the first time: what changes in between is told.
        known = await _stands(parts, visit, here)
        yield "retry: 2000\nevent: changed\ndata: {}\n\n"
        while True:
            await asyncio.wait({leaving}, timeout=ROUND_S)
            typing = known is not None and known.typing != parts.signs.customer_writes(here)
            await watch.changed(0 if typing else max(0.0, LOOK_EVERY_S - ROUND_S))
            if leaving.done():
                # Without a `bye`: the page is to come back by itself, and not to go to the log-in.
                return
            try:
                await gate.enter(visit.request, there=False)
            except TurnedAway:
                yield BYE
                return
            except ExternalError:
                continue
            stands = await _stands(parts, visit, here)
            if stands is not None and stands != known:
                known, quiet_since = stands, time.monotonic()
                yield "event: changed\ndata: {}\n\n"
            elif time.monotonic() - quiet_since >= HEARTBEAT_S:
                quiet_since = time.monotonic()
                yield ": still here\n\n"


@contextmanager
def _leaving(parts: Parts, watch: Watch) -> Iterator[asyncio.Future[object]]:
    """Give what is done when the edge stops; whoever waits for news is woken."""
    leaving = asyncio.ensure_future(parts.told_to_leave())
    leaving.add_done_callback(lambda _: watch.tell())
    try:
        yield leaving
    finally:
        leaving.cancel()


@dataclass(frozen=True, slots=True)
class _Stands:
    """How things stand for a page: the queue, and the conversation that is open, as far as its operator may see it."""

    queue: tuple[object, ...]
    open: tuple[object, ...] = ()
    typing: bool = False


async def _stands(parts: Parts, visit: Visit, here: str) -> _Stands | None:
    """Return how things stand; None while the store is away."""
    try:
        return await parts.run(lambda: _look(parts, visit, here))
    except ExternalError:
        return None


def _look(parts: Parts, visit: Visit, here: str) -> _Stands:
    queue = tuple(
        (each.handoff.id, each.handoff.queue, each.ownership, each.last_entry_at, each.unread)
        for each in parts.desk.waiting()
    )
    about = parts.words.about(here) if here else None
    if about is None or not may_see(parts, visit.operator, here, about, parts.desk.packet(here)):
        return _Stands(queue)
    # Who has it and since when: taken and given back between two looks is news too.
    owner = about.ownership
    return _Stands(queue, (about.last_seq, owner, owner.since), parts.signs.customer_writes(here))
