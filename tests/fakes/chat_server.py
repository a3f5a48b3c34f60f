"""A chat server on a real socket that speaks the widget's protocol, with faults to switch on.

It runs in a thread of its own; the test turns its knobs and reads what arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from peyk.launcher.ports import free_ports
from tests.fakes.chat_script import Script, shop

WIDGET = Path(__file__).resolve().parents[2] / "peyk" / "web" / "widget"
Packet = dict[str, Any]


@dataclass
class Talk:
    """One conversation and the sockets that watch it."""

    token: str
    language: str = "fa"
    owner: str = "bot"
    seen: int = 0
    entries: list[Packet] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    sockets: set[WebSocket] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Faults:
    """What goes wrong; all can be switched while a page is open."""

    no_sockets: bool = False
    die_after_accepting: int = 0
    forged_order: bool = False
    hold_greetings: threading.Event = field(default_factory=threading.Event)
    slow_s: float = 0.0
    refuse_files: tuple[str, str] | None = None
    lose_files: int = 0
    lose_links: bool = False
    lose_answers_of_files: int = 0
    refuse_messages: Packet | None = None


class ChatServer:
    """The server; a context manager."""

    def __init__(self, script: Script = shop) -> None:
        self.script = script
        self.faults = Faults()
        self.talks: dict[str, Talk] = {}
        self.pages: dict[str, tuple[str, Mapping[str, str]]] = {}
        self.received: list[Packet] = []
        self.hellos: list[Packet] = []
        self.posts: list[str] = []
        self.links: list[str] = []
        self.files: list[tuple[str, str, int]] = []
        self.port = free_ports(1)[0]
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> ChatServer:
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()

    def listen(self) -> None:
        """Answer on the port, with everything that was said before."""
        config = uvicorn.Config(
            self._app(),
            host="127.0.0.1",
            port=self.port,
            log_level="critical",
            ws="wsproto",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, args=(self._server,), daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive(), "the server did not start"

    def refuse(self) -> None:
        """Close every connection and refuse new ones, as a server does that was killed."""
        assert self._server is not None
        assert self._thread is not None
        self._server.force_exit = True
        self._server.should_exit = True
        self._thread.join()
        for talk in self.talks.values():
            talk.sockets.clear()

    def page(self, name: str, html: str, headers: Mapping[str, str] | None = None) -> str:
        """Serve a page and return its address."""
        self.pages[name] = (html, headers or {})
        return f"{self.url}/{name}"

    @property
    def talk(self) -> Talk:
        """The only conversation."""
        (talk,) = self.talks.values()
        return talk

    @property
    def texts(self) -> list[str]:
        """What customers' messages say, in the order they were kept."""
        return [e.get("text", "") for t in self.talks.values() for e in t.entries if e["author"] == "customer"]

    def push(self, author: str, **what: Any) -> None:
        """Let somebody else say something, as the console does."""
        self._call(self._push(author, what))

    def tell(self, packet: Packet) -> None:
        """Send a packet as it is to every socket of the conversation."""
        self._call(self._tell(self.talk, packet))

    def drop_sockets(self) -> None:
        """Cut every connection without a word; new ones are taken."""
        self._call(self._drop())

    async def _read(self, talk: Talk, seq: int) -> None:
        talk.seen = seq
        await self._tell(talk, {"type": "seen", "seq": seq})

    async def _push(self, author: str, what: Packet) -> None:
        for talk in self.talks.values():
            await self._say(talk, {"author": author, **what})

    async def _drop(self) -> None:
        for talk in self.talks.values():
            for ws in list(talk.sockets):
                with contextlib.suppress(RuntimeError):
                    await ws.close(1012)

    def _call(self, what: Any) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    def _run(self, server: uvicorn.Server) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            for talk in self.talks.values():
                talk.news = asyncio.Event()
            await server.serve()

        asyncio.run(serve())

    def _app(self) -> Starlette:
        routes = [
            WebSocketRoute("/chat/socket", self._socket),
            Route("/chat/session", self._session, methods=["POST"]),
            Route("/chat/messages", self._post, methods=["POST"]),
            Route("/chat/messages", self._poll, methods=["GET"]),
            Route("/chat/messages/{seq:int}/files/{name}", self._link, methods=["GET"]),
            Route("/files/{token}", self._open),
            Route("/chat/files", self._file, methods=["POST"]),
            Mount("/widget", StaticFiles(directory=WIDGET)),
            Route("/{name:path}", self._page),
        ]
        return Starlette(routes=routes)

    async def _page(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "hostile.css":
            return FileResponse(Path(__file__).parent / "hostile.css")
        if name not in self.pages:
            return Response(status_code=404 if name != "favicon.ico" else 204)
        html, headers = self.pages[name]
        return HTMLResponse(html, headers=dict(headers))

    def _talk_of(self, token: str | None, language: str) -> tuple[Talk, bool]:
        if token in self.talks:
            return self.talks[token], False
        fresh = Talk(token=secrets.token_hex(8), language=language)
        self.talks[fresh.token] = fresh
        return fresh, True

    async def _socket(self, ws: WebSocket) -> None:
        if self.faults.no_sockets:
            await ws.close()
            return
        await ws.accept()
        try:
            hello = await ws.receive_json()
            self.hellos.append(hello)
            await self._held()
            talk, new = self._talk_of(hello["token"], hello["language"])
            known = {each: talk.ids[each] for each in hello["pending"] if each in talk.ids}
            await ws.send_json(self._welcome(talk, new, hello["after"]) | {"type": "welcome", "known": known})
            talk.sockets.add(ws)
            while True:
                packet = await ws.receive_json()
                self.received.append(packet)
                if packet["type"] == "ping":
                    await ws.send_json({"type": "pong"})
                elif packet["type"] == "message":
                    await self._message(talk, ws, packet)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            for talk in self.talks.values():
                talk.sockets.discard(ws)

    @staticmethod
    def _welcome(talk: Talk, new: bool, after: int) -> Packet:
        missed = [entry for entry in talk.entries if entry["seq"] > after]
        return {
            "token": talk.token,
            "new": new,
            "owner": talk.owner,
            "language": talk.language,
            "last_seq": len(talk.entries),
            "seen": talk.seen,
            "entries": missed[-50:],
        }

    async def _message(self, talk: Talk, ws: WebSocket, packet: Packet) -> None:
        if self.faults.refuse_messages is not None:
            await ws.send_json({"type": "refused", "id": packet["id"], **self.faults.refuse_messages})
            return
        seq, fresh = self._keep(talk, packet)
        if self.faults.die_after_accepting:
            self.faults.die_after_accepting -= 1
            await ws.close(1012)
            return
        entry = {"type": "entry", **talk.entries[seq - 1]}
        if self.faults.forged_order:
            await ws.send_json(entry)
            answers = self._answers(talk, talk.entries[seq - 1].get("text", "")) if fresh else []
            for answer in reversed(answers):
                await ws.send_json({"type": "entry", **answer})
            await ws.send_json({"type": "accepted", "id": packet["id"], "seq": seq})
            return
        await ws.send_json({"type": "accepted", "id": packet["id"], "seq": seq})
        await self._tell(talk, entry)
        if fresh and talk.owner == "bot":
            await self._read(talk, seq)
            await self._tell(talk, {"type": "typing", "author": "bot"})
            if self.faults.slow_s:
                await asyncio.sleep(self.faults.slow_s)
            for answer in self._answers(talk, talk.entries[seq - 1].get("text", "")):
                await self._tell(talk, {"type": "entry", **answer})

    def _keep(self, talk: Talk, packet: Packet) -> tuple[int, bool]:
        if packet["id"] in talk.ids:
            return talk.ids[packet["id"]], False
        text = talk.titles.get(packet["token"], "?") if "token" in packet else packet.get("text")
        files = [{"id": each, "name": name, "type": "image/png", "size": size, "url": f"/files/{each}"}
                 for each, name, size in self.files if each in packet.get("files", ())]  # fmt: skip
        entry = {"author": "customer", **({"text": text} if text else {}), **({"files": files} if files else {})}
        talk.ids[packet["id"]] = self._append(talk, entry)["seq"]
        return talk.ids[packet["id"]], True

    def _answers(self, talk: Talk, said: str) -> list[Packet]:
        return [self._append(talk, {"author": "bot", **each}) for each in self.script(said, talk.language)]

    @staticmethod
    def _append(talk: Talk, entry: Packet) -> Packet:
        whole = {"seq": len(talk.entries) + 1, "at": datetime.now(UTC).isoformat(), **entry}
        talk.entries.append(whole)
        for each in entry.get("buttons", ()):
            talk.titles[each["payload"]] = each["title"]
        talk.news.set()
        return whole

    async def _say(self, talk: Talk, entry: Packet) -> None:
        await self._tell(talk, {"type": "entry", **self._append(talk, entry)})

    @staticmethod
    async def _tell(talk: Talk, packet: Packet) -> None:
        for ws in list(talk.sockets):
            if ws.application_state is WebSocketState.CONNECTED:
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await ws.send_json(packet)

    def _bearer(self, request: Request) -> Talk | None:
        return self.talks.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    async def _held(self) -> None:
        while self.faults.hold_greetings.is_set():
            await asyncio.sleep(0.01)

    async def _session(self, request: Request) -> Response:
        body = await request.json()
        await self._held()
        talk, new = self._talk_of(body.get("token"), body["language"])
        welcome = self._welcome(talk, new, 0)
        about = {name: welcome.pop(name) for name in ("owner", "language", "last_seq")}
        return JSONResponse(welcome | {"conversation": about})

    async def _post(self, request: Request) -> Response:
        talk = self._bearer(request)
        body = await request.json()
        self.posts.append(body["id"])
        if talk is None:
            return JSONResponse({"error": {"code": "unauthorized", "text": ""}}, 401)
        self.received.append({"type": "message", **body})
        seq, fresh = self._keep(talk, body)
        answers = self._answers(talk, talk.entries[seq - 1].get("text", "")) if fresh else talk.entries[seq:]
        talk.seen = seq
        return JSONResponse({"accepted": {"id": body["id"], "seq": seq}, "seen": seq, "entries": answers})

    async def _poll(self, request: Request) -> Response:
        talk = self._bearer(request)
        if talk is None:
            return JSONResponse({"error": {"code": "unauthorized", "text": ""}}, 401)
        after, wait = int(request.query_params["after"]), float(request.query_params["wait"])
        if len(talk.entries) <= after:
            talk.news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(talk.news.wait(), wait)
        return JSONResponse({"owner": talk.owner, "seen": talk.seen, "entries": talk.entries[after:]})

    async def _link(self, request: Request) -> Response:
        talk, seq, name = self._bearer(request), request.path_params["seq"], request.path_params["name"]
        if talk is None or name not in {each["id"] for each in talk.entries[seq - 1].get("files", ())}:
            return JSONResponse({"error": {"code": "file_gone", "text": "این فایل دیگر نیست."}}, 404)
        if self.faults.lose_links:
            return Response(status_code=503)
        self.links.append(f"/files/{name}.{len(self.links)}")
        return JSONResponse({"url": self.links[-1]})

    async def _open(self, request: Request) -> Response:
        # Links that came with entries are over: the page has been open for long.
        fresh = self.links and request.url.path == self.links[-1]
        return HTMLResponse("the picture" if fresh else "over", 200 if fresh else 404)

    async def _file(self, request: Request) -> Response:
        if self.faults.refuse_files:
            code, text = self.faults.refuse_files
            return JSONResponse({"error": {"code": code, "text": text}}, 415)
        body = await request.body()
        if self.faults.lose_files:
            self.faults.lose_files -= 1
            return Response(status_code=503)
        name = _between(body, b'filename="', b'"').decode()
        # The same again is the same file.
        known = next((made for made, *same in self.files if same == [name, len(body)]), None)
        made = known or f"f{len(self.files)}"
        if known is None:
            self.files.append((made, name, len(body)))
        if self.faults.lose_answers_of_files:
            self.faults.lose_answers_of_files -= 1
            return Response(status_code=502)
        return JSONResponse({"file": {"id": made, "name": name, "type": "image/png", "size": len(body)}})


def _between(raw: bytes, before: bytes, after: bytes) -> bytes:
    start = raw.index(before) + len(before)
    return raw[start : raw.index(after, start)]


@contextlib.contextmanager
def serving(script: Script = shop) -> Iterator[ChatServer]:
    """Serve for the time of a test."""
    with ChatServer(script) as server:
        yield server
