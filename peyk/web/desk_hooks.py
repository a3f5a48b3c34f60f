"""What outside desks tell us by webhook: only that something has happened. What has, is read from the desk itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import APIRouter, Request
from pydantic import SecretStr
from starlette.responses import Response

from peyk.channels import signed
from peyk.errors import ExternalError
from peyk.ports import Clock
from peyk.ports.inbox import Inbox, Received
from peyk.web.memory import Memory

log = structlog.get_logger(__name__)

CHATWOOT_PATH = "/webhooks/chatwoot"
ZAMMAD_PATH = "/webhooks/zammad"
# A webhook that says no more than "look": nothing of it is kept but its name.
NO_CONVERSATION = ""


class DeskHooks:
    """Takes the webhooks of the desks that are connected; `wake` has the work begun."""

    def __init__(self, inbox: Inbox, memory: Memory, clock: Clock, wake: Callable[[], None]) -> None:
        """Begin with none."""
        self._inbox = inbox
        self._memory = memory
        self._clock = clock
        self._wake = wake
        self.router = APIRouter()

    def add_chatwoot(self, secret: SecretStr, look: Callable[[str, bool], bool]) -> None:
        """Take Chatwoot's webhooks; `look(external id, a message was written)` tells whose it is."""

        @self.router.post(CHATWOOT_PATH, include_in_schema=False)
        async def receive(request: Request) -> Response:
            """Check a webhook and have its conversation looked at."""
            body, headers = await request.body(), request.headers
            signature, stamp = headers.get("x-chatwoot-signature", ""), headers.get("x-chatwoot-timestamp", "")
            if not signed.is_chatwoots(body, signature, stamp, secret, self._clock.now()):
                log.warning("desk_hook.forged", system="chatwoot")
                return Response(status_code=401)
            return await self._take("chatwoot", signature, body, _chatwoots, look)

    def add_zammad(self, secret: SecretStr, look: Callable[[str, bool], bool]) -> None:
        """Take Zammad's webhooks."""

        @self.router.post(ZAMMAD_PATH, include_in_schema=False)
        async def receive(request: Request) -> Response:
            """Check a webhook and have its ticket looked at."""
            body, signature = await request.body(), request.headers.get("x-hub-signature", "")
            if not signed.is_zammads(body, signature, secret):
                log.warning("desk_hook.forged", system="zammad")
                return Response(status_code=401)
            return await self._take("zammad", signature, body, _zammads, look)

    async def _take(
        self,
        system: str,
        signature: str,
        body: bytes,
        read: Callable[[Mapping[str, Any]], tuple[str, bool] | None],
        look: Callable[[str, bool], bool],
    ) -> Response:
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            raw = None
        about = read(raw) if isinstance(raw, dict) else None
        if about is None:
            # Genuine, and nothing to us.
            return Response(status_code=200)
        received = Received(signed.name_of(signature), NO_CONVERSATION, {}, self._clock.now())
        channel = f"hook:{system}"
        try:
            known = not await self._memory.run(lambda: self._inbox.put(channel, received))
            if known:
                log.warning("desk_hook.repeated", system=system)
                return Response(status_code=403)
            ours = await self._memory.run(lambda: look(*about))
            await self._memory.run(lambda: self._inbox.done(channel, received.key, self._clock.now()))
        except ExternalError as exc:
            # The next regular look finds what has happened.
            log.warning("desk_hook.not_taken", system=system, error=str(exc))
            return Response(status_code=503)
        if ours:
            self._wake()
        return Response(status_code=200)


def _chatwoots(raw: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return which conversation a webhook is about, and whether somebody wrote to the customer in it."""
    inner = raw.get("conversation")
    found = inner.get("id") if isinstance(inner, dict) else raw.get("id")
    written = raw.get("event") == "message_created" and raw.get("message_type") in {"outgoing", 1}
    return (str(found), written and raw.get("private") is not True) if _is_id(found) else None


def _zammads(raw: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return which ticket a webhook is about."""
    ticket = raw.get("ticket")
    found = ticket.get("id") if isinstance(ticket, dict) else None
    return (str(found), False) if _is_id(found) else None


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
