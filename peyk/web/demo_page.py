"""The demo page and what it shows: the customer's phone, faults to switch on, the demo's orders. Demo mode only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import APIRouter, Request
from starlette.responses import FileResponse, JSONResponse, Response

from peyk.errors import ExternalError, NotFound
from peyk.ports.edge import DemoFaults, DemoOutbox, DemoProgress
from peyk.text.digits import to_ascii_digits
from peyk.web.guard import PAGE_POLICY
from peyk.web.memory import Memory

FOLDER = Path(__file__).parent / "demo"
FILES = {
    "page.js": "text/javascript",
    "telegram.js": "text/javascript",
    "page.css": "text/css",
    "icon.svg": "image/svg+xml",
}
DEFAULT_FAULT = "down"


def routes(
    outbox: DemoOutbox,
    faults: DemoFaults,
    progress: DemoProgress,
    memory: Memory,
    shop: Mapping[str, str],
    telegram: bool = False,
) -> APIRouter:
    """Return the page's routes.

    `shop` is the shop's name in each language, the one its text messages have; `telegram` says that the demo's own
    Telegram is there to be shown.
    """
    router = APIRouter(include_in_schema=False)
    router.include_router(_faults(faults, memory))

    @router.post("/demo/orders/{number}/advance")
    async def advance(number: str) -> Response:
        """Move an order on to its next stage; `status` is null when it is at its end."""
        return await _answer(memory, lambda: {"order": number, "status": progress.advance(number)})

    @router.get("/demo/outbox")
    async def phone(to: str = "") -> Response:
        """Return the newest text messages to a mobile, newest first."""
        mobile = _mobile(to)

        def read() -> list[dict[str, str]]:
            return [
                {"to": sms.to, "text": sms.text, "code": sms.code, "at": sms.at.isoformat()}
                for sms in outbox.messages(mobile)
            ]

        return await _answer(memory, read)

    # Last: it also answers for any other name below /demo/.
    router.include_router(_page(shop, telegram))
    return router


def _page(shop: Mapping[str, str], telegram: bool) -> APIRouter:
    router = APIRouter()
    page = _data()
    own = {"texts": {**page["texts"], "shop": shop}, "telegram": telegram}

    @router.get("/")
    async def index() -> Response:
        """Return the page."""
        return FileResponse(
            FOLDER / "index.html", media_type="text/html", headers={"Content-Security-Policy": PAGE_POLICY}
        )

    @router.get("/demo/page")
    async def texts() -> dict[str, Any]:
        """Return the page's texts, its products, the systems that can fail, and whether Telegram is shown."""
        return {**{name: page[name] for name in ("products", "kinds", "systems")}, **own}

    @router.get("/demo/stories")
    async def demo_stories() -> list[dict[str, Any]]:
        """Return the demo's orders, each with a question in both languages."""
        return list(page["stories"])

    @router.get("/demo/{name}")
    async def file(name: str) -> Response:
        """Return one of the page's own files."""
        if name not in FILES:
            return JSONResponse({"detail": "Not Found"}, 404)
        return FileResponse(FOLDER / name, media_type=FILES[name])

    return router


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((FOLDER / "page.yml").read_text(encoding="utf-8"))
    return data


def _faults(faults: DemoFaults, memory: Memory) -> APIRouter:
    router = APIRouter()

    def current() -> dict[str, dict[str, str]]:
        return {"faults": faults.current()}

    @router.get("/demo/faults")
    async def shown() -> Response:
        """Return the faults that are switched on."""
        return await _answer(memory, current)

    @router.post("/demo/faults")
    async def switched_on(request: Request) -> Response:
        """Make `system` fail; `kind` says how (`down` when left out)."""
        wanted = await _object(request)
        system, kind = wanted.get("system"), wanted.get("kind", DEFAULT_FAULT)

        def switch() -> dict[str, dict[str, str]]:
            faults.switch_on(str(system), str(kind))
            return current()

        return await _answer(memory, switch)

    @router.delete("/demo/faults")
    async def switched_off(request: Request) -> Response:
        """Mend `system` (in the query or the body), or all."""
        system = request.query_params.get("system") or (await _object(request)).get("system")

        def switch() -> dict[str, dict[str, str]]:
            faults.switch_off(None if system is None else str(system))
            return current()

        return await _answer(memory, switch)

    return router


async def _answer(memory: Memory, call: Callable[[], object]) -> Response:
    try:
        return JSONResponse(await memory.run(call))
    except ValueError as exc:
        return JSONResponse({"detail": str(exc)}, 422)
    except NotFound:
        return JSONResponse({"detail": "Not Found"}, 404)
    except ExternalError:
        return JSONResponse({"detail": "store unavailable"}, 503)


async def _object(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _mobile(typed: str) -> str:
    """Return the mobile as the store keeps it: national form for Iran, E.164 for others."""
    digits = "".join(character for character in to_ascii_digits(typed) if character in "+0123456789")
    for prefix in ("+98", "0098"):
        if digits.startswith(prefix):
            return "0" + digits.removeprefix(prefix)
    return "+" + digits.removeprefix("00") if digits.startswith("00") else digits
