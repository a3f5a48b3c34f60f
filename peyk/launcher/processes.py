"""Child processes: each in a group of its own, with a log file; none outlives the launcher.

with Supervisor(root) as processes:
    processes.start(program)
    processes.wait_ready("rasa", timeout_s=60)
    processes.watch(stop)         # raises ChildDied when one ends by itself
"""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from peyk.errors import PeykError
from peyk.launcher import guard

POLL_S = 0.05
PROBE_TIMEOUT_S = 2.0
TERM_GRACE_S = 8.0
GUARD_GONE = "the guard of the processes is gone"


class LaunchError(PeykError):
    """A process did not start or did not stay; the message is one line with its log."""


class ChildDied(LaunchError):
    """A child ended by itself."""


class NotReady(LaunchError):
    """A child runs but did not answer in time."""


class Stopped(PeykError):
    """The user asked to stop while something was being waited for."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: its name for people, its command, environment, folder and log.

    `ready_path` is asked on `port` until it answers 200; without it a program is never ready.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    cwd: Path
    log: Path
    port: int = 0
    ready_path: str = field(default="", repr=False)


class StopFlag:
    """Remembers SIGINT, SIGTERM and SIGHUP; raising from a handler could leave a half-started child."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def __bool__(self) -> bool:
        return self.signal is not None

    def install(self) -> Self:
        """Catch the signals from now on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._remember)
        return self

    def _remember(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number


class Child:
    """One running program."""

    def __init__(self, program: Program) -> None:
        program.log.parent.mkdir(parents=True, exist_ok=True)
        self.program = program
        with program.log.open("ab") as log:
            try:
                self.process = subprocess.Popen(
                    program.command,
                    cwd=program.cwd,
                    env=dict(program.env),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as exc:
                raise LaunchError(f"{program.name} cannot start: {exc.strerror}: {program.command[0]}") from None

    @property
    def group(self) -> int:
        """The id of the child's process group."""
        return self.process.pid

    @property
    def ended(self) -> bool:
        """Whether the child itself is over (its children may not be)."""
        return self.process.poll() is not None

    def is_ready(self) -> bool:
        """Ask the program's health path once."""
        return bool(self.program.ready_path) and answers(self.program.port, self.program.ready_path)

    def end(self, grace_s: float = TERM_GRACE_S) -> None:
        """End the whole group and reap the child."""
        self.signal(signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        while self._group_left() and time.monotonic() < deadline:
            time.sleep(POLL_S)
        self.kill()

    def kill(self) -> None:
        """End the whole group at once, as a crash would."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Signal the whole group."""
        guard.send(self.group, number)

    def _group_left(self) -> bool:
        return not self.ended or guard.alive(self.group)


class Supervisor:
    """Starts programs and ends them all, whatever happens; a context manager."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._children: dict[str, Child] = {}
        self._guard: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_all()
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            self._guard.wait()

    def start(self, program: Program) -> Child:
        """Start a program. Raises LaunchError when it cannot be run at all."""
        child = Child(program)
        self._children[program.name] = child
        self._tell_guard(f"+{child.group}")
        return child

    def child(self, name: str) -> Child:
        """Return a started child by its name."""
        return self._children[name]

    def end(self, name: str) -> None:
        """End a child on purpose; it is watched no longer."""
        self._children[name].end()
        self._forget(name)

    def kill(self, name: str) -> None:
        """End a child at once, as a crash would; it is watched no longer."""
        self._children[name].kill()
        self._forget(name)

    def check(self) -> None:
        """Raise ChildDied when any child has ended by itself."""
        if self._guard is None or self._guard.poll() is not None:
            raise ChildDied(GUARD_GONE)
        for child in self._children.values():
            if child.ended:
                raise ChildDied(f"{child.program.name} {self._how(child)}; its log is {self._log_of(child)}")

    def wait_ready(self, name: str, timeout_s: float, stop: StopFlag | None = None) -> None:
        """Wait until a child answers its health path. Raises ChildDied, NotReady or Stopped."""
        child = self._children[name]
        deadline = time.monotonic() + timeout_s
        while not child.is_ready():
            self._pause(stop)
            if time.monotonic() > deadline:
                raise NotReady(f"{name} did not answer within {timeout_s:.0f} s; its log is {self._log_of(child)}")

    def watch(self, stop: StopFlag) -> None:
        """Return when the user asks to stop. Raises ChildDied when a child ends before."""
        while not stop:
            self.check()
            time.sleep(POLL_S * 4)

    def run(self, program: Program, stop: StopFlag | None = None) -> None:
        """Run a program to its end. Raises ChildDied when it fails, Stopped when the user asked to stop."""
        child = self.start(program)
        try:
            while not child.ended:
                if stop:
                    raise Stopped(program.name)
                time.sleep(POLL_S)
            if child.process.returncode:
                raise ChildDied(f"{program.name} {self._how(child)}; its log is {self._log_of(child)}")
        finally:
            self.end(program.name)

    def end_all(self) -> None:
        """End every child, the newest first; all are asked before the first is waited for."""
        children = list(reversed(self._children.values()))
        for child in children:
            child.signal(signal.SIGTERM)
        for child in children:
            child.end()
        self._children.clear()

    def _forget(self, name: str) -> None:
        self._tell_guard(f"-{self._children[name].group}")
        del self._children[name]

    def _pause(self, stop: StopFlag | None) -> None:
        self.check()
        if stop:
            raise Stopped("start")
        time.sleep(POLL_S)

    def _tell_guard(self, line: str) -> None:
        if self._guard is None or self._guard.stdin is None:
            raise LaunchError("programs are started inside `with Supervisor(…)` only")
        try:
            print(line, file=self._guard.stdin, flush=True)
        except BrokenPipeError:
            raise ChildDied(GUARD_GONE) from None

    def _log_of(self, child: Child) -> Path:
        log = child.program.log
        return log.relative_to(self._root) if log.is_relative_to(self._root) else log

    @staticmethod
    def _how(child: Child) -> str:
        code = child.process.returncode
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def answers(port: int, path: str, host: str = "127.0.0.1") -> bool:
    """Tell whether GET `path` on a loopback port answers 200."""
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
