"""`python -m bench`: measures everything in one run, in a folder of its own, on this project's model."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.echo import echo
from bench.load import Target, measure
from bench.report import Report, memory_of
from peyk.errors import PeykError
from peyk.launcher.console import complain, say, step
from peyk.launcher.model import ensure_model
from peyk.launcher.processes import StopFlag, Stopped, Supervisor
from peyk.launcher.stack import NAMES, READY_TIMEOUT_S, SECRET_BYTES, Stack, new_stack

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
    )
}
ORDERS = ("TS-104233", "TS-104234", "TS-104201", "TS-104180", "TS-104175", "TS-104190", "TS-104210", "TS-104220")
QUESTIONS = ("سفارش {} کجاست؟", "Where is my order {}?", "{} koja mond?")


def tracking(stack: Stack) -> Target:
    """Return turns that ask for the stage of an order, in Persian, English and Finglish."""
    messages = [(QUESTIONS[number % 3].format(order), order) for number, order in enumerate(ORDERS)]
    return Target(f"{stack.url}/webhooks/rest/webhook", messages)


def bench(root: Path, seconds: float) -> Report:
    """Measure training, start, load and memory of Peyk, and the same Rasa as it comes for comparison."""
    report, stop = Report(), StopFlag().install()
    with tempfile.TemporaryDirectory(prefix="peyk-bench-") as name, Supervisor(root) as processes:
        folder = Path(name)
        started = time.monotonic()
        model = ensure_model(root, processes, stop, force=True)
        report.training_s = time.monotonic() - started
        run = Run(report, processes, stop, seconds)
        run.peyk("Peyk", new_stack(root, folder / "peyk", model, _key(), extra_env=_env()), keep=True)
        stock = _env({"PEYK_RASA_SPEEDUPS": "0"})
        run.peyk("Peyk, Rasa as it comes", new_stack(root, folder / "stock", model, _key(), extra_env=stock))
        say("  training and starting the echo project …")
        with echo(root, folder / "echo", processes) as target:
            run.load("bare echo, Rasa as it comes", target)
    return report


@dataclass(frozen=True, slots=True)
class Run:
    """What the parts of one run share."""

    report: Report
    processes: Supervisor
    stop: StopFlag
    seconds: float

    def peyk(self, title: str, stack: Stack, *, keep: bool = False) -> None:
        """Start a stack, load it, end it; `keep` notes its start and memory in the report."""
        self.processes.run(stack.seeding(), self.stop)
        ready = self._start(stack)
        self.load(title, tracking(stack))
        if keep:
            self.report.ready_s = ready
            self.report.memory_mib = {name: memory_of(self.processes.child(name).group) for name in NAMES}
        for name in reversed(NAMES):
            self.processes.end(name)

    def load(self, title: str, target: Target) -> None:
        """Load a target at every level of concurrency."""
        levels = self.report.load.setdefault(title, [])
        for concurrent in LEVELS:
            if self.stop:
                raise Stopped("bench")
            with step(f"{title}: {concurrent} at once"):
                levels.append(measure(target, concurrent, self.seconds))
            for error in sorted(set(levels[-1].errors))[:3]:
                say(f"    {error}")

    def _start(self, stack: Stack) -> dict[str, float]:
        ready, started = {}, time.monotonic()
        for name in NAMES:
            self.processes.start(stack.program(name))
        for name in sorted(NAMES):
            self.processes.wait_ready(name, READY_TIMEOUT_S, self.stop)
            ready[name] = round(time.monotonic() - started, 1)
        return ready


def _key() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def _env(more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {"PEYK_MODE": "demo", "PEYK_DATABASE_URL": "", "PEYK_TRACKER_URL": "", **UNLIMITED, **(more or {})}


def main() -> int:
    """Print the table, keep it as JSON under results/; 1 when something could not be measured."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each level of concurrency runs")
    root = Path.cwd()
    try:
        report = bench(root, parser.parse_args().seconds)
    except Stopped:
        return 1
    except PeykError as exc:
        complain(str(exc))
        return 1
    say("\n" + "\n".join(report.lines()))
    say(f"\nThe numbers are in {report.save(root / 'results').relative_to(root)}")
    return int(any(level.errors for levels in report.load.values() for level in levels))


if __name__ == "__main__":
    sys.exit(main())
