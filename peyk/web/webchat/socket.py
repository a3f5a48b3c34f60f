"""One browser on its WebSocket: everything it sees goes out in the order of the journal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from peyk.channels.webchat import frames
from peyk.channels.webchat.frames import BadFrame, Hello, Ping, Said, Seen, Typing
from peyk.channels.webchat.render import shown_order
from peyk.domain.conversations import Author, Entry
from peyk.errors import ExternalError, PeykError, Unavailable
from peyk.web.turns import Taken
from peyk.web.webchat.card_times import CardTimes
from peyk.web.webchat.chat import BATCH, Session, View, WebChat, newest_order, seen_by

log = structlog.get_logger(__name__)

HELLO_S = 10.0
# Frames that wait for a slow reader; entries are read from the journal only as fast as they go out.
QUEUE = 256
# Unreadable frames, and frames too fast, until the socket is closed; a good message forgives them.
STRIKES = 50
OWNER_CHECK_S = 30.0
STORE_AWAY_S = 2.0
BYE_S = 2.0

NORMAL, POLICY, FAULT, RESTART, LATER = 1000, 1008, 1011, 1012, 1013
Json = dict[str, Any]


class Leave(Exception):
    """The socket is to be closed: `reason` goes into the `bye`, `code` into the close."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Outbox:
    """Frames on their way to the browser, as many as may wait."""

    def __init__(self, websocket: WebSocket) -> None:
        """Begin with nothing to send."""
        self._websocket = websocket
        self._queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self._room = asyncio.Event()
        self._room.set()
        self._overflow = asyncio.Event()

    def put(self, kind: str, **members: Any) -> None:
        """Send a frame after those before it; what finds no room is dropped, and the socket with it."""
        frame = json.dumps({"type": kind, **members}, ensure_ascii=False)
        if self._queue.full():
            self._overflow.set()
            return
        self._queue.put_nowait(frame)
        if self._queue.qsize() > QUEUE - BATCH - 1:
            self._room.clear()

    async def room(self) -> None:
        """Wait until a batch of entries finds room."""
        await self._room.wait()

    async def write(self) -> None:
        """Send what is put, one frame after the other."""
        while True:
            frame = await self._queue.get()
            if self._queue.qsize() <= QUEUE - BATCH - 1:
                self._room.set()
            await self._websocket.send_text(frame)

    async def overflow(self) -> None:
        """Wait until more was put than may wait. Raises Leave."""
        await self._overflow.wait()
        raise Leave("slow", LATER)

    async def flush(self) -> None:
        """Send what still waits; for when nothing writes."""
        while not self._queue.empty():
            await self._websocket.send_text(self._queue.get_nowait())

    async def farewell(self, reason: str, code: int) -> None:
        """Send what still waits and a `bye`, and close, if the browser takes it in time."""
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(BYE_S):
                if not self._overflow.is_set():
                    await self.flush()
                await self._websocket.send_text(json.dumps({"type": "bye", "reason": reason}))
                await self._websocket.close(code)


class ChatSocket:
    """Serves one socket from its hello to its bye."""

    def __init__(self, chat: WebChat, websocket: WebSocket, address: str, correlation_id: str) -> None:
        """Take an accepted socket."""
        self._chat = chat
        self._websocket = websocket
        self._address = address
        self._correlation_id = correlation_id
        self._out = Outbox(websocket)
        self._sent = 0
        self._seen = 0
        self._strikes = 0
        self._owner: Json = {}
        self._order: Json | None = None
        self._card_times = CardTimes(chat.settings.webchat_card_refresh_s)
        # Hashed ids of this socket's messages that were not yet said to be kept, with the client's own ids.
        self._untold: dict[str, str] = {}
        self._following: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Serve until the browser goes, or has to."""
        try:
            session = await self._begin()
            if session is not None:
                await self._go_on(session)
        except Leave as leave:
            log.info("webchat.closed", reason=leave.reason)
            await self._out.farewell(leave.reason, leave.code)
        except WebSocketDisconnect:
            return

    async def _begin(self) -> Session | None:
        """Return the session the hello opens, welcomed; None when the browser has gone. Raises Leave."""
        try:
            async with asyncio.timeout(HELLO_S):
                hello = await self._hello()
        except TimeoutError:
            raise Leave("no_hello", POLICY) from None
        if hello is None:
            return None
        try:
            session = await self._chat.open(hello, self._address, self._correlation_id)
            self._chat.greet(session)
            seen_so_far = None if session.new else hello.after or None
            view = await self._chat.view(session.conversation_id, seen_so_far)
            # The card may be older than what the browser comes back for.
            latest = view if seen_so_far is None else await self._chat.view(session.conversation_id, None)
            known = await self._chat.kept(session.conversation_id, hello.pending)
        except PeykError as exc:
            refused, error = self._chat.error(None, exc)
            self._out.put("refused", **error)
            raise Leave(refused.code, LATER) from None
        self._order = newest_order(latest.entries)
        self._welcome(session, view, known)
        return session

    async def _hello(self) -> Hello | None:
        while (raw := await self._receive()) is not None:
            try:
                frame = frames.parse(raw)
                if isinstance(frame, Hello):
                    return frame
                raise BadFrame
            except BadFrame as exc:
                self._refuse(None, exc)
                await self._out.flush()
        return None

    def _welcome(self, session: Session, view: View, known: dict[str, int]) -> None:
        self._owner = view.owner
        self._sent = view.entries[-1].seq if view.entries else view.last_seq
        self._seen = self._chat.seen(session.conversation_id, view.entries)
        self._out.put(
            "welcome",
            token=self._chat.sessions.token(session.conversation_id),
            new=session.new,
            **view.owner,
            language=view.language or session.language,
            last_seq=view.last_seq,
            seen=self._seen,
            known=known,
            entries=[self._chat.entry(each) for each in view.entries],
        )

    async def _go_on(self, session: Session) -> None:
        works: tuple[Coroutine[Any, Any, None], ...] = (
            self._read(session),
            self._out.write(),
            self._out.overflow(),
            self._entries(session),
            self._signals(session),
            self._card(session),
            self._stay(),
        )
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # What is followed goes on in its turn; only this browser is not told any more.
            for task in [*tasks, *self._following]:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for failed in ended:
            if isinstance(failed, Leave | WebSocketDisconnect):
                raise failed
            if isinstance(failed, Exception):
                log.error("webchat.failed", exc_info=failed)
                raise Leave("error", FAULT)

    async def _stay(self) -> None:
        await self._chat.crowd.told_to_leave()
        raise Leave("restart", RESTART)

    async def _read(self, session: Session) -> None:
        while (raw := await self._receive()) is not None:
            message_id: str | None = None
            try:
                frame = frames.parse(raw)
                message_id = frame.id if isinstance(frame, Said) else None
                await self._chat.bursts.count_address(self._address)
                await self._take(session, frame)
            except BadFrame as exc:
                self._refuse(session, exc, exc.message_id)
            except PeykError as exc:
                self._refuse(session, exc, message_id)

    async def _receive(self) -> str | None:
        """Return the next frame; None when the browser has gone."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        return text if isinstance(text, str) else ""

    async def _take(self, session: Session, frame: frames.Frame) -> None:
        here = session.conversation_id
        match frame:
            case Said():
                await self._message(session, frame)
            case Ping():
                self._out.put("pong")
            case Typing():
                self._chat.signals.typing(here, Author.CUSTOMER)
            case Seen(seq):
                self._chat.signals.seen(here, Author.CUSTOMER, min(seq, self._sent))
            case Hello():
                raise BadFrame

    async def _message(self, session: Session, said: Said) -> None:
        taken, message_id = await self._chat.take(session, said)
        self._strikes = 0
        self._untold[message_id] = said.id
        task = asyncio.create_task(self._follow(session, said.id, message_id, taken))
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _follow(self, session: Session, own_id: str, message_id: str, taken: Taken) -> None:
        """Tell the browser what becomes of its message."""
        try:
            accepted = await asyncio.shield(taken.kept)
            if accepted is None:
                raise Unavailable("store")
            self._tell_kept(message_id, accepted.seq)
            refused = await self._chat.answered(session.conversation_id, taken, accepted)
            if refused is not None:
                self._refuse(session, refused, strike=False)
        except Exception as exc:  # noqa: BLE001  (whatever went wrong, the browser may try again)
            self._refuse(session, exc, own_id, strike=False)
        finally:
            self._untold.pop(message_id, None)

    def _tell_kept(self, message_id: str | None, seq: int) -> None:
        own_id = self._untold.pop(message_id, None) if message_id else None
        if own_id is not None:
            self._out.put("accepted", id=own_id, seq=seq)

    def _refuse(
        self, session: Session | None, exc: Exception, message_id: str | None = None, *, strike: bool = True
    ) -> None:
        _, error = self._chat.error(session.conversation_id if session else None, exc)
        self._out.put("refused", **({"id": message_id} if message_id else {}), **error)
        self._strikes += strike
        if strike and self._strikes > STRIKES:
            raise Leave("too_many_bad_frames", POLICY)

    async def _entries(self, session: Session) -> None:
        """Send what is new in the journal, and who has the conversation."""
        with self._chat.live.watch(session.conversation_id) as watch:
            while True:
                await self._out.room()
                try:
                    view = await self._chat.view(session.conversation_id, self._sent)
                except ExternalError:
                    # The hub has logged it; what is new is not lost.
                    await asyncio.sleep(STORE_AWAY_S)
                    continue
                watch.saw(view.last_seq)
                for entry in view.entries:
                    self._send(entry)
                if len(view.entries) == BATCH:
                    continue
                if view.owner != self._owner:
                    self._owner = view.owner
                    self._out.put("owner", **view.owner)
                await watch.changed(OWNER_CHECK_S)

    def _send(self, entry: Entry) -> None:
        if entry.seq <= self._sent:
            return
        # First that it is kept: the browser knows its own message by its place.
        self._tell_kept(entry.message_id, entry.seq)
        self._out.put("entry", **self._chat.entry(entry))
        self._sent = entry.seq
        order = shown_order(entry)
        if order is not None:
            self._order = order
            self._card_times.known(self._chat.age_s(entry))
        self._tell_seen(seen_by(entry))

    def _tell_seen(self, seq: int) -> None:
        if seq > self._seen:
            self._seen = seq
            self._out.put("seen", seq=seq)

    async def _signals(self, session: Session) -> None:
        with self._chat.signals.listen(session.conversation_id) as signals:
            while True:
                signal = await signals.get()
                if signal.author is Author.CUSTOMER:
                    continue
                if signal.seq is None:
                    self._out.put("typing", author=signal.author.value)
                else:
                    self._tell_seen(signal.seq)

    async def _card(self, session: Session) -> None:
        """Ask again for the order whose card was shown last, as long as it may move."""
        while True:
            left_s = self._card_times.left_s()
            if left_s > 0:
                await asyncio.sleep(left_s)
                # A card that came meanwhile is left alone for a while.
                continue
            shown = self._order
            if shown is not None:
                news = await self._chat.news_of_order(session, shown)
                if news is not None and self._order is shown:
                    self._order = news
                    self._out.put("order", order=news)
            self._card_times.known()
