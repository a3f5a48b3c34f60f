"""Signs of life: `/healthz` says the process lives, `/readyz` that a message would be answered."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import JSONResponse

from peyk.errors import ExternalError
from peyk.ports.systems import SystemStates
from peyk.web.memory import Memory
from peyk.web.rasa import Rasa

STORE_TIMEOUT_S = 2.0


def routes(rasa: Rasa, memory: Memory, states: SystemStates) -> APIRouter:
    """Return the two routes."""
    router = APIRouter()

    async def store_answers() -> bool:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                await memory.ping()
        except (ExternalError, TimeoutError):
            return False
        return True

    async def held_off() -> list[str] | None:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                found = await memory.run(states.held_off)
        except (ExternalError, TimeoutError):
            return None
        return list(dict.fromkeys(each.system for each in found))

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """Say that the edge lives."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def ready() -> JSONResponse:
        """Say whether store, Rasa (with its model) and action server answer; 503 when one does not.

        Systems that are held off are named; without them a message is still answered, honestly.
        """
        store, model, actions = await asyncio.gather(store_answers(), rasa.ready(), rasa.actions_ready())
        parts = {"store": store, "rasa": model, "actions": actions}
        everything = all(parts.values())
        states_of_parts = {name: "ok" if good else "down" for name, good in parts.items()}
        body: dict[str, object] = {"status": "ok" if everything else "unavailable", **states_of_parts}
        if store and (names := await held_off()) is not None:
            body["held_off"] = names
        return JSONResponse(body, 200 if everything else 503)

    return router
