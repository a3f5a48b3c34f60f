"""`make demo`: model, data, processes, one URL; Ctrl-C or the death of a child ends all of it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from peyk.errors import SettingsError
from peyk.launcher.console import say, step
from peyk.launcher.model import ensure_model
from peyk.launcher.ports import require_free
from peyk.launcher.processes import StopFlag, Stopped, Supervisor
from peyk.launcher.stack import DEMO_LOGIN, READY_TIMEOUT_S, Stack, demo_telegram, new_stack, private_folder
from peyk.launcher.vendors import NONE, Vendors, find_vendors

STATE = "demo.json"
START_ORDER = ("rasa", "actions", "edge")


@dataclass(frozen=True, slots=True)
class Running:
    """How to reach a demo that runs: what the terminal chat needs to join it."""

    url: str
    rasa_url: str
    run_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start: the project, the folder of its data, where the edge listens, how many further orders.

    `port` 0 takes a free one, `orders` None as many as the demo shop has by itself. `telegram` starts the demo's own
    Telegram; it is for demos without a bot. `vendors` are those whose servers take the place of the demo's own systems.
    """

    root: Path
    data_dir: Path
    host: str
    port: int
    secret_key: str = field(repr=False)
    orders: int | None = None
    telegram: bool = False
    vendors: tuple[str, ...] = ()


def demo(plan: Plan) -> None:
    """Start everything, print the URL, stay until the user stops it.

    Raises SettingsError when the port is busy or a demo runs already, LaunchError when a child fails.
    """
    stop = StopFlag().install()
    require_free(plan.host, plan.port)
    vendors = find_vendors(plan.root, plan.data_dir, plan.vendors)
    with only_demo(plan.data_dir), Supervisor(plan.root) as processes:
        with suppress(Stopped):
            stack = bring_up(plan, processes, stop, vendors)
            with _announced(stack):
                password = stack.console_password.read_text().strip()
                say(f"\nPeyk is ready: {stack.url}\nConsole: {stack.url}/console   log in as {DEMO_LOGIN}, {password}")
                say(f"Logs: {_short(stack.logs, plan.root)}   Stop: Ctrl-C")
                if vendors:
                    vendors.announce()
                processes.watch(stop)
        say("\nstopping …")


def bring_up(plan: Plan, processes: Supervisor, stop: StopFlag, vendors: Vendors = NONE) -> Stack:
    """Train, seed and start what the plan says; return the healthy stack. Raises Stopped or LaunchError."""
    say("Peyk's demo:")
    model = ensure_model(plan.root, processes, stop)
    stack = new_stack(
        plan.root,
        plan.data_dir,
        model,
        plan.secret_key,
        edge_host=plan.host,
        edge_port=plan.port,
        extra_env={**(demo_telegram() if plan.telegram else {}), **vendors.settings},
    )
    _keep_old_logs(stack.logs)
    with step("demo shop"):
        processes.run(stack.seeding(plan.orders), stop)
        processes.run(stack.operator(), stop)
    if vendors:
        with step("vendors' servers"):
            servers = processes.start(vendors.program(stack))
            processes.wait_ready(servers.program.name, READY_TIMEOUT_S, stop)
            if vendors.has_shop:
                processes.run(vendors.filling(stack), stop)
    say("  starting Rasa, the action server and the edge …")
    start_all(stack, processes, stop)
    return stack


def start_all(stack: Stack, processes: Supervisor, stop: StopFlag | None = None) -> None:
    """Start the processes of a stack side by side and wait until each one is healthy."""
    started = time.monotonic()
    for name in START_ORDER:
        processes.start(stack.program(name))
    for name in START_ORDER:
        processes.wait_ready(name, READY_TIMEOUT_S, stop)
        say(f"  {name} is ready ({time.monotonic() - started:.1f} s)")


def running(data_dir: Path) -> Running | None:
    """Return the demo that runs over `data_dir`, or None."""
    try:
        with only_demo(data_dir):
            return None
    except SettingsError:
        pass
    try:
        return Running(**json.loads((data_dir / STATE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def only_demo(data_dir: Path) -> Iterator[None]:
    """Hold the lock of a data folder: two demos over the same files would seed each other's."""
    with (private_folder(data_dir) / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"a demo over {data_dir} is running already: stop it first, or choose another folder with PEYK_DATA_DIR"
            ) from None
        yield


@contextmanager
def _announced(stack: Stack) -> Iterator[None]:
    """Leave for `make shell` how to reach this demo, readable for its owner only."""
    path = stack.data_dir / STATE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"url": stack.url, "rasa_url": stack.rasa_url, "run_secret": stack.run_secret}, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _keep_old_logs(folder: Path) -> None:
    """Begin new log files; the last run's are kept beside them."""
    for log in folder.glob("*.log"):
        log.replace(log.with_suffix(".log.old"))


def _short(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_absolute() and path.is_relative_to(root) else path
