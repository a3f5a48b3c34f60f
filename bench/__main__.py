"""`python -m bench`: measures everything in one run, in a folder of its own, on this project's model."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import hanging, index, sockets, widget
from bench.echo import echo
from bench.load import Target, measure
from bench.report import Report, memory_of
from peyk.errors import PeykError
from peyk.launcher.console import complain, say, step
from peyk.launcher.model import ensure_model
from peyk.launcher.ports import LOOPBACK, free_ports
from peyk.launcher.processes import StopFlag, Stopped, Supervisor
from peyk.launcher.stack import NAMES, READY_TIMEOUT_S, SECRET_BYTES, Stack, new_stack

PARTS = ("load", "widget", "sockets", "hanging", "index")
LEVELS = (1, 8, 32)
# Load is no abuse here.
UNLIMITED = {
    f"PEYK_{name}": "1000000000"
    for name in (
        "BURST_PER_SENDER",
        "BURST_PER_ADDRESS",
        "GUESS_PER_CONVERSATION",
        "GUESS_PER_ADDRESS",
        "GUESS_HITS_PER_CONVERSATION",
        "GUESS_HITS_PER_ADDRESS",
        "GUESS_TOTAL",
        "WEBCHAT_SESSIONS_PER_ADDRESS",
        "WEBCHAT_SOCKETS_PER_ADDRESS",
    )
}
ORDERS = ("TS-104233", "TS-104234", "TS-104201", "TS-104180", "TS-104175", "TS-104190", "TS-104210", "TS-104220")
QUESTIONS = ("سفارش {} کجاست؟", "Where is my order {}?", "{} koja mond?")


def tracking(stack: Stack) -> Target:
    """Return turns that ask for the stage of an order, in Persian, English and Finglish."""
    messages = [(QUESTIONS[number % 3].format(order), order) for number, order in enumerate(ORDERS)]
    return Target(f"{stack.url}/webhooks/rest/webhook", messages)


def bench(root: Path, wanted: Wanted) -> Report:
    """Measure what is wanted: training, start, load and memory of Peyk and a bare Rasa; the widget; many sockets."""
    report, stop = Report(), StopFlag().install()
    with tempfile.TemporaryDirectory(prefix="peyk-bench-") as name, Supervisor(root) as processes:
        folder = Path(name)
        if "index" in wanted.parts:
            report.index = index.measure(folder)
        if wanted.parts == {"index"}:
            return report
        started = time.monotonic()
        model = ensure_model(root, processes, stop, force="load" in wanted.parts)
        run = Run(report, processes, stop, wanted)
        if "load" in wanted.parts:
            report.training_s = time.monotonic() - started
            run.peyk("Peyk", new_stack(root, folder / "peyk", model, _key(), extra_env=_env()), keep=True)
            stock = _env({"PEYK_RASA_SPEEDUPS": "0"})
            run.peyk("Peyk, Rasa as it comes", new_stack(root, folder / "stock", model, _key(), extra_env=stock))
            say("  training and starting the echo project …")
            with echo(root, folder / "echo", processes) as target:
                run.load("bare echo, Rasa as it comes", target)
        if "hanging" in wanted.parts:
            run.hanging(new_stack(root, folder / "hanging", model, _key(), extra_env=_env()))
        if {"widget", "sockets"} & wanted.parts:
            (shop_port,) = free_ports(1)
            env = _env({"PEYK_WEBCHAT_ORIGINS": f"http://{LOOPBACK}:{shop_port}"})
            run.webchat(new_stack(root, folder / "webchat", model, _key(), extra_env=env), shop_port)
    return report


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure, and for how long."""

    parts: frozenset[str]
    seconds: float
    sockets: int
    per_second: float
    sockets_seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """What the parts of one run share."""

    report: Report
    processes: Supervisor
    stop: StopFlag
    wanted: Wanted

    def peyk(self, title: str, stack: Stack, *, keep: bool = False) -> None:
        """Start a stack, load it, end it; `keep` notes its start and memory in the report."""
        ready = self._start(stack)
        self.load(title, tracking(stack))
        if keep:
            self.report.ready_s = ready
            self.report.memory_mib = {name: memory_of(self.processes.child(name).group) for name in NAMES}
        self._end()

    def webchat(self, stack: Stack, shop_port: int) -> None:
        """Measure the widget in a browser, then many sockets, before one stack."""
        self._start(stack)
        messages = tracking(stack).messages
        if "widget" in self.wanted.parts:
            with step(f"the widget in a browser slowed {widget.SLOWED} times"):
                self.report.widget = widget.measure(stack.url, shop_port, [text for text, _ in messages])
        if self.stop:
            raise Stopped("bench")
        if "sockets" in self.wanted.parts:
            count, beat = self.wanted.sockets, self.wanted.per_second
            with step(f"{count} open widgets, {beat:g} messages a second"):
                groups = {name: self.processes.child(name).group for name in NAMES}
                seconds = self.wanted.sockets_seconds
                crowd = sockets.measure(stack.url, messages, groups, seconds=seconds, count=count, per_second=beat)
            self.report.crowd = crowd
            for error, times in Counter(crowd.errors).most_common(3):
                say(f"    {times} × {error}")
        self._end()

    def hanging(self, stack: Stack) -> None:
        """Measure what a carrier that hangs costs everybody else."""
        self._start(stack)
        with step("one carrier well, then hanging"):
            self.report.hanging = hanging.measure(stack.url, QUESTIONS, 2 * self.wanted.seconds)
        self._end()

    def load(self, title: str, target: Target) -> None:
        """Load a target at every level of concurrency."""
        levels = self.report.load.setdefault(title, [])
        for concurrent in LEVELS:
            if self.stop:
                raise Stopped("bench")
            with step(f"{title}: {concurrent} at once"):
                levels.append(measure(target, concurrent, self.wanted.seconds))
            for error in sorted(set(levels[-1].errors))[:3]:
                say(f"    {error}")

    def _start(self, stack: Stack) -> dict[str, float]:
        self.processes.run(stack.seeding(), self.stop)
        ready, started = {}, time.monotonic()
        for name in NAMES:
            self.processes.start(stack.program(name))
        for name in sorted(NAMES):
            self.processes.wait_ready(name, READY_TIMEOUT_S, self.stop)
            ready[name] = round(time.monotonic() - started, 1)
        return ready

    def _end(self) -> None:
        for name in reversed(NAMES):
            self.processes.end(name)


def _key() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def _env(more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {"PEYK_MODE": "demo", "PEYK_DATABASE_URL": "", "PEYK_TRACKER_URL": "", **UNLIMITED, **(more or {})}


def main() -> int:
    """Print the table, keep it as JSON under results/; 1 when something could not be measured."""
    root = Path.cwd()
    try:
        report = bench(root, _wanted())
    except Stopped:
        return 1
    except PeykError as exc:
        complain(str(exc))
        return 1
    say("\n" + "\n".join(report.lines()))
    say(f"\nThe numbers are in {report.save(root / 'results').relative_to(root)}")
    return int(report.failed)


def _wanted() -> Wanted:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part alone; may be repeated")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each level of concurrency runs")
    parser.add_argument("--sockets", type=int, default=sockets.OPEN, help="how many widgets are open at once")
    parser.add_argument("--per-second", type=float, default=sockets.PER_SECOND, help="messages a second over all")
    parser.add_argument("--sockets-seconds", type=float, default=30.0, help="how long they are sent")
    given = parser.parse_args()
    parts = frozenset(given.only or PARTS)
    return Wanted(parts, given.seconds, given.sockets, given.per_second, given.sockets_seconds)


if __name__ == "__main__":
    sys.exit(main())
