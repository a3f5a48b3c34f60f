"""Many open widgets, and so many messages a second over all of them: each waits for the bot's answer."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psutil
import uvloop

from bench.load import Measured
from bench.socket_client import Json, Socket, SocketFailed

OPEN = 500
PER_SECOND = 50.0
# As long as a card is left alone before it is asked for again: the load is as steady as it gets from then on.
WARM_UP_S = 30.0
# A shop's widgets do not all open at once, and opening is not what is measured.
OPENING_AT_ONCE = 10
ANSWER_S = 10.0


@dataclass(slots=True)
class Crowd:
    """What one run over many sockets gave; `cores` are the processors each program kept busy."""

    open: int
    wanted_per_second: float
    opening_s: float = 0.0
    still_open: int = 0
    accepted: Measured = field(default_factory=lambda: Measured(0))
    answered: Measured = field(default_factory=lambda: Measured(0))
    cores: dict[str, float] = field(default_factory=dict)

    @property
    def errors(self) -> list[str]:
        """What went wrong, sockets and messages alike."""
        return self.answered.errors

    def as_dict(self) -> Json:
        """Return the numbers for the results file."""
        return {
            "open": self.open,
            "still_open": self.still_open,
            "opening_s": round(self.opening_s, 2),
            "wanted_per_second": self.wanted_per_second,
            "answered": self.answered.as_dict(),
            "accepted": self.accepted.as_dict(),
            "cores": self.cores,
            "errors": dict(Counter(self.errors)),
        }


def measure(
    url: str,
    messages: Sequence[tuple[str, str]],
    programs: Mapping[str, int],
    *,
    seconds: float,
    count: int = OPEN,
    per_second: float = PER_SECOND,
    warm_up_s: float = WARM_UP_S,
) -> Crowd:
    """Open `count` sockets, then say something `per_second` times a second, one socket after the other.

    `messages` are what is said and what must stand in the answer; `programs` the process groups whose work is noted.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Load(url, messages, programs, per_second).run(count, seconds, warm_up_s))


class _Widget:
    """One open widget, with at most one message under way."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._socket: Socket
        self._asked = ("", "", 0.0)
        self.waits = False

    async def open(self, url: str) -> None:
        self._socket = await Socket.open(url, self._heard, self._load.gone)

    def ask(self, text: str, expected: str, due: float) -> None:
        """Say something that was due at a moment: what is late already counts."""
        if self.waits:
            self._load.crowd.errors.append("no answer before the next message")
        message_id = secrets.token_hex(16)
        self._asked, self.waits = (message_id, expected, due), True
        self._socket.send(type="message", id=message_id, text=text)

    def close(self) -> None:
        if self.waits:
            self._load.crowd.errors.append(f"no answer in {ANSWER_S:.0f} s")
        self._socket.close()

    def _heard(self, frame: Json, at: float) -> None:
        message_id, expected, due = self._asked
        crowd, ms = self._load.crowd, (at - due) * 1000
        match frame["type"]:
            case "accepted" if frame["id"] == message_id:
                crowd.accepted.latencies_ms.append(ms)
            case "entry" if frame["author"] != "customer" and self.waits:
                self.waits = False
                if expected in frame.get("text", ""):
                    crowd.answered.latencies_ms.append(ms)
                else:
                    crowd.errors.append(f"not an answer: {frame.get('text', '')[:100]}")
            case "refused":
                self.waits = False
                crowd.errors.append(f"refused: {frame['code']}")
            case "bye":
                crowd.errors.append(f"bye: {frame['reason']}")


class _Load:
    """All sockets, and the beat of the messages."""

    def __init__(
        self, url: str, messages: Sequence[tuple[str, str]], programs: Mapping[str, int], per_second: float
    ) -> None:
        self._url = url
        self._messages = messages
        self._programs = programs
        self._per_second = per_second
        self._lost = 0
        self._said = 0
        self.crowd = Crowd(0, per_second)

    def gone(self, reason: str) -> None:
        self._lost += 1
        self.crowd.errors.append(reason)

    async def run(self, count: int, seconds: float, warm_up_s: float) -> Crowd:
        started = time.perf_counter()
        widgets = await self._open(count)
        opening_s = time.perf_counter() - started
        if not widgets:
            return self.crowd
        early = self.crowd.errors
        await self._talk(widgets, warm_up_s)
        self.crowd = Crowd(count, self._per_second, opening_s)
        # What failed before the clock ran is a failure, too.
        self.crowd.errors.extend(early)
        before = self._busy()
        started = time.perf_counter()
        await self._talk(widgets, seconds)
        wall = time.perf_counter() - started
        self.crowd.cores = {name: round((busy - before[name]) / wall, 2) for name, busy in self._busy().items()}
        await self._wait_for(widgets)
        for measured in (self.crowd.answered, self.crowd.accepted):
            measured.concurrent, measured.seconds = count, wall
        self.crowd.still_open = len(widgets) - self._lost
        for widget in widgets:
            widget.close()
        # Closed connections are let go on the loop's next turn.
        await asyncio.sleep(0)
        return self.crowd

    async def _open(self, count: int) -> list[_Widget]:
        widgets, few = [_Widget(self) for _ in range(count)], asyncio.Semaphore(OPENING_AT_ONCE)

        async def open_one(widget: _Widget) -> bool:
            async with few:
                try:
                    await widget.open(self._url)
                except SocketFailed as exc:
                    self.crowd.errors.append(f"not opened: {exc}")
                    return False
            return True

        opened = await asyncio.gather(*(open_one(widget) for widget in widgets))
        return [widget for widget, is_open in zip(widgets, opened, strict=True) if is_open]

    async def _talk(self, widgets: Sequence[_Widget], seconds: float) -> None:
        """Say something at every beat, whether answers come or not, so that a slow edge is not spared."""
        started = time.perf_counter()
        for beat in range(round(seconds * self._per_second)):
            due = started + beat / self._per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            # A step of one more each round: every conversation asks for other orders in its turn.
            text, expected = self._messages[(self._said + self._said // len(widgets)) % len(self._messages)]
            widgets[self._said % len(widgets)].ask(text, expected, due)
            self._said += 1

    def _busy(self) -> dict[str, float]:
        """Return the seconds of processor of each program, and of this one."""
        return {"generator": time.process_time(), **{name: _cpu_s(group) for name, group in self._programs.items()}}

    async def _wait_for(self, widgets: Sequence[_Widget]) -> None:
        patience = time.perf_counter() + ANSWER_S
        while any(widget.waits for widget in widgets) and time.perf_counter() < patience:
            await asyncio.sleep(0.05)


def _cpu_s(group: int) -> float:
    """Return the seconds of processor a process and its children have had."""
    process = psutil.Process(group)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)
