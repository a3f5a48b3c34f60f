"""What the demo page's second telephone asks of the demo's Telegram. Demo mode only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response

from peyk.errors import SettingsError
from peyk.web.demo_bot.chats import JPEG, PATH, DemoTelegram

# A browser chooses its chat's number; databases and JavaScript can keep it.
MAX_CHAT = 2**52

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def during(bot: DemoTelegram | None, lifespan: Lifespan) -> Lifespan:
    """Return a lifespan in which the demo's Telegram, where there is one, is there first and goes last."""
    if bot is None:
        return lifespan

    @asynccontextmanager
    async def wrapped(web: FastAPI) -> AsyncIterator[None]:
        try:
            bot.start()
        except OSError as exc:
            raise SettingsError(f"PEYK_TELEGRAM_API: cannot listen on {bot.url}: {exc.strerror}") from None
        try:
            async with lifespan(web):
                yield
        finally:
            bot.stop()

    return wrapped


def routes(bot: DemoTelegram) -> APIRouter:
    """Return the telephone's routes."""
    router = APIRouter(prefix=PATH, include_in_schema=False)

    @router.get("/chats/{chat}")
    async def shown(chat: int) -> Response:
        """Return what the telephone shows."""
        return _answer(bot, chat, lambda: None)

    @router.post("/chats/{chat}/messages")
    async def write(chat: int, request: Request) -> Response:
        """Send a text."""
        wanted = await _object(request)
        text, language = wanted.get("text"), wanted.get("language")
        return _answer(bot, chat, lambda: bot.write(chat, str(text or ""), "en" if language == "en" else "fa"))

    @router.post("/chats/{chat}/taps")
    async def press(chat: int, request: Request) -> Response:
        """Press a button under a message."""
        wanted = await _object(request)
        message, data = wanted.get("message"), str(wanted.get("data"))
        return _answer(bot, chat, lambda: bot.press(chat, message if isinstance(message, int) else 0, data))

    @router.post("/chats/{chat}/contacts")
    async def number(chat: int, request: Request) -> Response:
        """Send the customer's own number."""
        wanted = await _object(request)
        return _answer(bot, chat, lambda: bot.give_number(chat, str(wanted.get("mobile") or "")))

    @router.post("/chats/{chat}/photos")
    async def photo(chat: int, request: Request) -> Response:
        """Send a photo: the body is a JPEG."""
        content = await request.body()
        return _answer(bot, chat, lambda: bot.give_photo(chat, content))

    @router.get("/files/{file_id}")
    async def file(file_id: str) -> Response:
        """Return a file of a chat: a photo to be shown, anything else to be kept."""
        content = bot.shown_file(file_id)
        if content is None:
            return JSONResponse({"detail": "Not Found"}, 404)
        if content.startswith(JPEG):
            return Response(content, media_type="image/jpeg")
        headers = {"Content-Disposition": "attachment"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    return router


def _answer(bot: DemoTelegram, chat: int, act: Callable[[], None]) -> Response:
    if not 0 < chat < MAX_CHAT:
        return JSONResponse({"detail": "Not Found"}, 404)
    try:
        act()
    except ValueError as exc:
        return JSONResponse({"detail": str(exc)}, 422)
    return JSONResponse(bot.state(chat))


async def _object(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
