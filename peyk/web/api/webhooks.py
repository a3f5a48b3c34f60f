"""A program's own webhooks: made, listed, tried, given a new secret, removed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from peyk.channels import Refused
from peyk.domain.api_keys import Scope
from peyk.domain.webhooks import SUBSCRIBABLE, EventType, Subscription
from peyk.services.webhooks import BadAddress, MayNotRead, TooMany, Webhooks
from peyk.web.api.answers import Api, Wrong

PREFIX = "/api/v1/webhooks"
# Why a webhook is told nothing that nobody has switched off.
MUTED = "key_may_not_read"

OnOne = Callable[[Subscription], Awaitable[Response]]
Endpoint = Callable[[Request, str], Awaitable[Response]]


def routes(api: Api, webhooks: Webhooks) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)
    own = _Own(api, webhooks)
    # One route a path, so that `Allow` names all its methods.
    one: dict[str, dict[str, OnOne]] = {
        "": {"GET": own.show, "DELETE": own.remove},
        "/enable": {"POST": own.enable},
        "/secret": {"POST": own.rotate},
        "/test": {"POST": own.test},
    }
    router.add_api_route("", own.of_all, methods=["GET", "POST"])
    for path, answers in one.items():
        router.add_api_route(f"/{{webhook_id}}{path}", own.of_one(answers), methods=list(answers))
    return router


class _Own:
    """What a program may do with its own webhooks."""

    def __init__(self, api: Api, webhooks: Webhooks) -> None:
        self._api = api
        self._webhooks = webhooks

    async def of_all(self, request: Request) -> Response:
        """Return the key's webhooks, oldest first, or make one."""

        async def answer(owner: str) -> Response:
            if request.method == "POST":
                return await self._add(owner, await request.body())
            found = await self._api.memory.run(lambda: self._webhooks.all(owner))
            return JSONResponse({"webhooks": [_shown(subscription) for subscription in found]})

        return await self._api.serve(request, Scope.MANAGE_WEBHOOKS, answer)

    def of_one(self, answers: Mapping[str, OnOne]) -> Endpoint:
        """Return what serves requests about one webhook, by method, if it is the key's own."""

        async def serve(request: Request, webhook_id: str) -> Response:
            async def on_own(owner: str) -> Response:
                found = await self._api.memory.run(lambda: self._webhooks.get(webhook_id, owner))
                if found is None:
                    raise Wrong("unknown_webhook", 404)
                return await answers[request.method](found)

            return await self._api.serve(request, Scope.MANAGE_WEBHOOKS, on_own)

        return serve

    async def _add(self, owner: str, body: bytes) -> Response:
        """Make a webhook; its secret is in this answer and in no other."""
        url, events = _wanted(body)
        try:
            made, secret = await self._api.memory.run(lambda: self._webhooks.add(owner, url, events))
        except BadAddress as exc:
            raise Wrong(str(exc), 422) from None
        except MayNotRead:
            raise _may_not_read() from None
        except TooMany:
            raise Wrong("too_many", 409) from None
        return JSONResponse({**_shown(made), "secret": secret}, 201, {"Location": f"{PREFIX}/{made.id}"})

    async def show(self, found: Subscription) -> Response:
        """Return a webhook as it is."""
        return JSONResponse(_shown(found))

    async def remove(self, found: Subscription) -> Response:
        """Remove a webhook and what it was still to be told."""
        await self._api.memory.run(lambda: self._webhooks.remove(found))
        return Response(status_code=204)

    async def enable(self, found: Subscription) -> Response:
        """Tell a webhook that was switched off again, from now on."""
        try:
            await self._api.memory.run(lambda: self._webhooks.switch_on(found))
        except MayNotRead:
            raise _may_not_read() from None
        now = await self._api.memory.run(lambda: self._webhooks.get(found.id))
        return JSONResponse(_shown(now or found))

    async def rotate(self, found: Subscription) -> Response:
        """Give a webhook a new secret; the one before stays good for a day."""
        secret, until = await self._api.memory.run(lambda: self._webhooks.rotate(found))
        return JSONResponse({"id": found.id, "secret": secret, "previous_valid_until": until.isoformat()})

    async def test(self, found: Subscription) -> Response:
        """Send an event that says nothing, and return how it was taken."""
        reply = await self._webhooks.test(found)
        return JSONResponse({"delivered": reply.good, "status": reply.status, "error": reply.error})


def _may_not_read() -> Refused:
    return Refused("forbidden", 403, scope=Scope.READ_CONVERSATIONS.value)


def _wanted(body: bytes) -> tuple[str, list[EventType]]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Wrong("bad_webhook", 422) from None
    if not isinstance(given, dict) or not given.keys() <= {"url", "events"}:
        raise Wrong("bad_webhook", 422)
    url, events = given.get("url"), given.get("events", list(SUBSCRIBABLE))
    if not isinstance(url, str) or not isinstance(events, list) or not events:
        raise Wrong("bad_webhook", 422)
    if not all(isinstance(event, str) and event in list(SUBSCRIBABLE) for event in events):
        raise Wrong("bad_webhook", 422)
    return url, [EventType(event) for event in events]


def _shown(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "url": subscription.url,
        "events": sorted(subscription.events),
        "active": subscription.off_at is None and not subscription.muted,
        "off_reason": subscription.off_reason or (MUTED if subscription.muted else None),
        "created_at": subscription.created_at.isoformat(),
        "failing_since": _time(subscription.failing_since),
        "last_success_at": _time(subscription.last_success_at),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
