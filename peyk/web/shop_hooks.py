"""Where a shop's system tells what has changed in it: `POST /hooks/shop/<adapter>`; and where it sends its keys."""

from __future__ import annotations

import re

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from peyk.errors import ExternalError
from peyk.services.shop_connect import ShopConnect, ShopDoors
from peyk.services.shop_news import ShopIntake, Taken
from peyk.web.guard import BodyLimit, LargeBodies
from peyk.web.memory import Memory

log = structlog.get_logger(__name__)

PATH = "/hooks/shop/"
# An order with many items and all that plugins write beside it.
LARGE = LargeBodies(re.compile(re.escape(PATH) + r"[a-z0-9_-]+"), BodyLimit(1024 * 1024))
# A genuine one that cannot be read is taken, too: WooCommerce switches a webhook off after five refusals, and the
# regular look at the shop finds the same change.
_STATUSES = {Taken.FORGED: 401}


def routes(doors: ShopDoors, memory: Memory) -> APIRouter:
    """Return the routes; none where no shop is connected."""
    router = APIRouter()
    if doors.intake is not None:
        _add(router, doors.intake, memory)
    if doors.connect is not None:
        _add_keys(router, doors.connect, memory)
    return router


def _add(router: APIRouter, intake: ShopIntake, memory: Memory) -> None:
    @router.post(f"{PATH}{intake.name}", include_in_schema=False)
    async def receive(request: Request) -> Response:
        """Keep what a delivery says, then say that it has arrived."""
        body, headers = await request.body(), request.headers
        try:
            taken = await memory.run(lambda: intake.take(headers, body))
        except ExternalError as exc:
            log.warning("shop_hook.not_taken", shop=intake.name, error=str(exc))
            return Response(status_code=503)
        return Response(status_code=_STATUSES.get(taken, 200))


def _add_keys(router: APIRouter, connect: ShopConnect, memory: Memory) -> None:
    place = f"{PATH}{connect.name}/keys/"

    @router.get(f"{place}done", include_in_schema=False)
    async def done() -> Response:
        """Meet the owner's browser; whether it has worked is for the terminal to say."""
        return Response("OK", media_type="text/plain")

    @router.post(f"{place}{{ticket}}", include_in_schema=False)
    async def receive(ticket: str, request: Request) -> Response:
        """Keep the keys, once."""
        body = await request.body()
        try:
            kept = await memory.run(lambda: connect.finish(ticket, body))
        except ExternalError as exc:
            log.warning("shop_keys.not_taken", shop=connect.name, error=str(exc))
            return Response(status_code=503)
        return Response(status_code=200 if kept else 403)
