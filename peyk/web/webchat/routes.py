"""The channel as the edge's application sees it: routes, start and end."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from peyk.channels import Refused
from peyk.logging import bind_correlation
from peyk.web.webchat import http
from peyk.web.webchat.chat import WebChat
from peyk.web.webchat.replay import Replay
from peyk.web.webchat.socket import LATER, ChatSocket


class WebChatChannel:
    """The web chat, ready to be served."""

    def __init__(self, chat: WebChat, replay: Replay) -> None:
        """Take the chat, and what answers what was left."""
        self.chat = chat
        self._replay = replay

    def start(self) -> None:
        """Begin with what an earlier process left."""
        self._replay.start()

    async def say_goodbye(self) -> None:
        """Send every browser away with a `bye`: it comes back by itself. To be called before the server closes them."""
        await self.chat.crowd.send_away()

    async def stop(self) -> None:
        """End what goes on by itself."""
        await self.say_goodbye()
        await self._replay.stop()
        self.chat.stop()

    def routes(self) -> APIRouter:
        """Return the channel's routes."""
        router = APIRouter()
        router.include_router(http.routes(self.chat))

        @router.websocket("/chat/socket")
        async def socket(websocket: WebSocket) -> None:
            """Serve one browser."""
            await self._serve(websocket)

        return router

    async def _serve(self, websocket: WebSocket) -> None:
        correlation_id = secrets.token_hex(8)
        bind_correlation(correlation_id)
        address = self.chat.addresses.hashed(websocket)
        try:
            with self.chat.crowd.join(address):
                await websocket.accept()
                await ChatSocket(self.chat, websocket, address, correlation_id).serve()
        except Refused as refused:
            await self._turn_away(websocket, refused)
        except WebSocketDisconnect:
            return

    async def _turn_away(self, websocket: WebSocket, refused: Refused) -> None:
        # A page is not told the status of a handshake that fails: it has to be let in to be told.
        _, error = self.chat.error(None, refused)
        try:
            await websocket.accept()
            await websocket.send_json({"type": "refused", **error})
            await websocket.send_json({"type": "bye", "reason": refused.code})
            await websocket.close(LATER)
        except (WebSocketDisconnect, RuntimeError):
            return
