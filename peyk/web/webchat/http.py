"""The web chat where no WebSocket comes through: the same messages by plain requests, answers by long poll."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from peyk.channels import Refused
from peyk.channels.webchat import frames
from peyk.channels.webchat.frames import BadFrame
from peyk.errors import PeykError, Unavailable
from peyk.ports.files import FileRefused
from peyk.web.guard import correlation_id_of
from peyk.web.webchat.chat import Session, View, WebChat, newest_order

LONGEST_WAIT_S = 25
Json = dict[str, Any]


class ChatRequests:
    """Answers the requests of the fallback."""

    def __init__(self, chat: WebChat) -> None:
        """Take what is shared with the sockets."""
        self._chat = chat

    async def session(self, request: Request) -> Response:
        """Open a session: the one of the token in the body, or a new one."""
        chat = self._chat
        try:
            await chat.bursts.count_address(self._address(request))
            hello = frames.parse_hello(await request.body())
            session = await chat.open(hello, self._address(request), correlation_id_of(request))
            chat.greet(session)
            view = await chat.view(session.conversation_id, None if session.new else hello.after or None)
            known = await chat.kept(session.conversation_id, hello.pending)
        except PeykError as exc:
            return self._refused(None, exc)
        conversation = {**view.owner, "language": view.language or session.language, "last_seq": view.last_seq}
        return JSONResponse(
            {
                "token": chat.sessions.token(session.conversation_id),
                "new": session.new,
                "conversation": conversation,
                "seen": chat.seen(session.conversation_id, view.entries),
                "known": known,
                "entries": [chat.entry(each) for each in view.entries],
            }
        )

    async def message(self, request: Request) -> Response:
        """Take one message and wait for its answer."""
        chat, session = self._chat, None
        shown: Json = {}
        try:
            session = await self._session(request)
            said = frames.parse_message(await request.body())
            taken, _ = await chat.take(session, said)
            accepted = await asyncio.shield(taken.kept)
            if accepted is None:
                raise Unavailable("store")
            shown["accepted"] = {"id": said.id, "seq": accepted.seq}
            refused = await chat.answered(session.conversation_id, taken, accepted)
            if refused is not None:
                return self._refused(session, refused, {**shown, "entries": []})
            view = await chat.view(session.conversation_id, accepted.seq)
        except PeykError as exc:
            return self._refused(session, exc, shown)
        return JSONResponse({**shown, **self._told(session, view)})

    async def file(self, request: Request) -> Response:
        """Take one file, to be named in a message afterwards."""
        chat, session = self._chat, None
        try:
            session = await self._session(request)
            await chat.bursts.count_sender(session.conversation_id)
            file = await chat.evidence.receive_upload(session.conversation_id, request)
        except FileRefused as exc:
            language = chat.language(session)
            return chat.evidence.refused(exc.code, language)
        except PeykError as exc:
            return self._refused(session, exc)
        return JSONResponse({"file": {**file.as_custom(), "url": chat.evidence.files.link(file.id)}}, 201)

    async def link(self, request: Request, seq: str, file_id: str) -> Response:
        """Return a fresh address of a file that was said in an entry."""
        chat, session = self._chat, None
        try:
            session = await self._session(request)
            url = await chat.link(session.conversation_id, frames.read_seq(seq), file_id)
        except PeykError as exc:
            return self._refused(session, exc)
        return JSONResponse({"url": url})

    async def news(self, request: Request) -> Response:
        """Return what is new after `after`, at once or as soon as there is something within `wait` seconds."""
        chat, session = self._chat, None
        try:
            session = await self._session(request)
            after = frames.read_seq(request.query_params.get("after", "0"))
            wait_s = min(frames.read_seq(request.query_params.get("wait", "0")), LONGEST_WAIT_S)
            with chat.crowd.join(session.address):
                view = await self._wait(session, after, wait_s)
            order = await self._order(session)
        except PeykError as exc:
            return self._refused(session, exc)
        answer = {**self._told(session, view), "last_seq": view.last_seq}
        return JSONResponse(answer | ({"order": order} if order else {}))

    def _told(self, session: Session, view: View) -> Json:
        seen = self._chat.seen(session.conversation_id, view.entries)
        return {**view.owner, "seen": seen, "entries": [self._chat.entry(each) for each in view.entries]}

    async def _wait(self, session: Session, after: int, wait_s: int) -> View:
        chat, here = self._chat, session.conversation_id
        leaving = asyncio.create_task(chat.crowd.told_to_leave())
        try:
            with chat.live.watch(here) as watch:
                first = view = await chat.view(here, after)
                read = chat.signals.read_up_to(here)
                ends = asyncio.get_running_loop().time() + wait_s
                while not (view.entries or view.owner != first.owner or leaving.done()):
                    left_s = ends - asyncio.get_running_loop().time()
                    if left_s <= 0:
                        break
                    news = asyncio.create_task(watch.changed(left_s))
                    await asyncio.wait({news, leaving}, return_when=asyncio.FIRST_COMPLETED)
                    news.cancel()
                    view = await chat.view(here, after)
                    if chat.signals.read_up_to(here) != read:
                        break
                return view
        finally:
            leaving.cancel()

    async def _order(self, session: Session) -> Json | None:
        shown = newest_order((await self._chat.view(session.conversation_id, None)).entries)
        return None if shown is None else await self._chat.order_of_poll(session, shown)

    async def _session(self, request: Request) -> Session:
        """Return the session of a request's token. Raises Refused (401), Throttled."""
        address = self._address(request)
        await self._chat.bursts.count_address(address)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        session = self._chat.session(token, address, correlation_id_of(request))
        if session is None:
            raise Refused("no_session", 401)
        return session

    def _address(self, request: Request) -> str:
        return self._chat.addresses.hashed(request)

    def _refused(self, session: Session | None, exc: PeykError, more: Json | None = None) -> Response:
        refused, error = self._chat.error(session.conversation_id if session else None, exc)
        headers = {"Retry-After": str(refused.retry_after_s)} if refused.retry_after_s else {}
        if refused.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        named = {"id": exc.message_id} if isinstance(exc, BadFrame) and exc.message_id else {}
        return JSONResponse({**(more or {}), "error": {**named, **error}}, refused.status, headers)


def routes(chat: WebChat) -> APIRouter:
    """Return the routes of the fallback."""
    router = APIRouter(prefix="/chat", tags=["web chat"])
    requests = ChatRequests(chat)

    @router.post("/session")
    async def session(request: Request) -> Response:
        """Open a session, or come back to one."""
        return await requests.session(request)

    @router.post("/messages")
    async def message(request: Request) -> Response:
        """Send one message; the answer comes with the response."""
        return await requests.message(request)

    @router.post("/files")
    async def file(request: Request) -> Response:
        """Send one file (multipart)."""
        return await requests.file(request)

    @router.get("/messages/{seq}/files/{file_id}")
    async def link(request: Request, seq: str, file_id: str) -> Response:
        """Get a fresh address of a file."""
        return await requests.link(request, seq, file_id)

    @router.get("/messages")
    async def news(request: Request) -> Response:
        """Wait for what is new."""
        return await requests.news(request)

    return router
