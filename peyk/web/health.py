"""Signs of life: `/healthz` says the process lives, `/readyz` that a message would be answered."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import JSONResponse

from peyk.errors import ExternalError
from peyk.web.memory import Memory
from peyk.web.rasa import Rasa

STORE_TIMEOUT_S = 2.0


def routes(rasa: Rasa, memory: Memory) -> APIRouter:
    """Return the two routes."""
    router = APIRouter()

    async def store_answers() -> bool:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                await memory.ping()
        except (ExternalError, TimeoutError):
            return False
        return True

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """Say that the edge lives."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def ready() -> JSONResponse:
        """Say whether store, Rasa (with its model) and action server answer; 503 when one does not."""
        store, model, actions = await asyncio.gather(store_answers(), rasa.ready(), rasa.actions_ready())
        parts = {"store": store, "rasa": model, "actions": actions}
        everything = all(parts.values())
        states = {name: "ok" if good else "down" for name, good in parts.items()}
        body = {"status": "ok" if everything else "unavailable", **states}
        return JSONResponse(body, 200 if everything else 503)

    return router
